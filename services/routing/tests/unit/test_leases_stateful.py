"""Any interleaving of allocations, claims, heartbeats, reports, silence, expiry and cancelling keeps the promises:

never two valid leases, tokens only grow, a job order completes once, and a hub that acts on its own clock alone never
starts what another may start.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from routing.domain.errors import IllegalTransition, NotTheHolder
from routing.domain.heartbeats import MachineHeard, answer
from routing.domain.job_order import ENDED, PLACED, UNCLAIMED, Estimate, Holder, JobOrder, Program, State
from routing.domain.network import MachineState
from routing.domain.reports import Aborted, Accepted, Completed, Fact, Progressed, Refused, Report, Started, judge
from routing.domain.requirements import Reason, Requirements, Size
from routing.domain.rules import Rules

HUBS = ("a", "b")
JOBS = ("j1", "j2")
RULES = Rules()
SHA = "5" * 64
NEEDS = Requirements(("p1", "p2"), "v", "pla", Size(1, 1, 1))


@dataclass
class Agent:
    """A hub as it sees itself: it starts only under a lease that is valid by its own clock, and each token once."""

    leases: dict[tuple[str, int], datetime] = field(default_factory=dict)
    started: set[tuple[str, int]] = field(default_factory=set)
    finished: set[tuple[str, int]] = field(default_factory=set)
    sequences: dict[tuple[str, int], int] = field(default_factory=dict)


class Leases(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 3, 1, tzinfo=UTC)
        self.tokens = itertools.count(1)
        self.jobs = {name: JobOrder(name, "o", "shop", NEEDS) for name in JOBS}
        self.agents = {name: Agent() for name in HUBS}
        self.offers: list[tuple[str, Holder]] = []
        self.given: dict[int, Holder] = {}
        self.completions = dict.fromkeys(JOBS, 0)
        self.superfluous: set[tuple[str, int]] = set()
        self.counted: set[tuple[str, int, int]] = set()
        self.highest = dict.fromkeys(JOBS, 0)

    # -- routing ------------------------------------------------------------------------------------------------------

    @rule(job=st.sampled_from(JOBS), hub=st.sampled_from(HUBS))
    def allocate(self, job, hub):
        order = self.jobs[job]
        if order.state is not State.WAITING:
            return
        holder = Holder(hub, f"m-{hub}", next(self.tokens))
        estimate = Estimate(10, 20, 0, 1.0, self.now)
        expires_at = self.now + timedelta(seconds=RULES.allocation_lease_s)
        self.jobs[job] = order.allocated(holder, estimate, expires_at)
        self.given[holder.token] = holder

    @rule(job=st.sampled_from(JOBS), stale=st.booleans())
    def dispatch(self, job, stale):
        order = self.jobs[job]
        token = order.token - 1 if stale else order.token
        try:
            ready = order.programmed(token, Program("p", SHA, 1, 10))
        except IllegalTransition:
            assert stale or order.state is not State.PENDING
            return
        assert ready.lease is not None
        self.offers.append((job, ready.lease.holder))
        self.jobs[job] = ready.offered()

    @rule()
    def sweep(self):
        for name, order in self.jobs.items():
            if order.state in PLACED and order.lease and order.lease.expires_at <= self.now:
                self.jobs[name] = order.taken_back(self.now)

    @rule(hub=st.sampled_from(HUBS))
    def lose(self, hub):
        for name, order in self.jobs.items():
            if order.lease and order.lease.holder.hub_id == hub and order.state in UNCLAIMED:
                self.jobs[name] = order.withdrawn()

    @rule(job=st.sampled_from(JOBS), really=st.integers(0, 4))
    def cancel(self, job, really):
        if not self.jobs[job].ended and really == 0:
            self.jobs[job] = self.jobs[job].cancelled()

    @rule(seconds=st.sampled_from([0.5, 2, 7, 16, 130]))
    def time_passes(self, seconds):
        self.now += timedelta(seconds=seconds)

    @rule(job=st.sampled_from(JOBS), hub=st.sampled_from(HUBS))
    def hurry(self, job, hub):
        """As it should go: allocated, dispatched, claimed and started within a moment."""
        self.allocate(job, hub)
        self.dispatch(job, stale=False)
        order = self.jobs[job]
        if order.lease is not None and order.state is State.DISPATCHED:
            self._claim(job, order.lease.holder, 0.0)
            self.start(order.lease.holder.hub_id)

    # -- hubs ---------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.offers)
    @rule(data=st.data(), delay_s=st.sampled_from([0.0, 1.0, 20.0]))
    def claim(self, data, delay_s):
        """The agent counts its lease from when it asked; the request may take its time."""
        self._claim(*data.draw(st.sampled_from(self.offers)), delay_s)

    def _claim(self, job, holder, delay_s):
        sent_at = self.now
        self.now += timedelta(seconds=delay_s)
        try:
            self.jobs[job] = self.jobs[job].claimed(holder, self.now, RULES.lease_s, b"key")
        except NotTheHolder:
            return
        lease_ends = sent_at + timedelta(seconds=RULES.lease_s)
        self.agents[holder.hub_id].leases[job, holder.token] = lease_ends

    @rule(hub=st.sampled_from(HUBS), delay_s=st.sampled_from([0.0, 3.0]), data=st.data())
    def heartbeat(self, hub, delay_s, data):
        agent = self.agents[hub]
        held = sorted(key for key in agent.leases if key not in agent.finished)
        named = data.draw(st.sampled_from(held)) if held else ("", 0)
        heard = [MachineHeard(f"m-{hub}", data.draw(st.sampled_from(list(MachineState))), *named)]
        sent_at = self.now
        self.now += timedelta(seconds=delay_s)
        reply = answer(hub, heard, self.jobs, self.now, RULES)
        for order in reply.changed:
            self.jobs[order.id] = order
        for order in reply.renewed:
            agent.leases[order.id, order.token] = sent_at + timedelta(seconds=RULES.lease_s)
        for each in reply.lost:
            agent.leases.pop((each.job_order_id, each.token), None)

    @rule(hub=st.sampled_from(HUBS))
    def start(self, hub):
        agent = self.agents[hub]
        for key, ends in agent.leases.items():
            if ends > self.now and key not in agent.started:
                agent.started.add(key)
                self._report(hub, key, Started())
                return

    @rule(hub=st.sampled_from(HUBS), data=st.data(), lost=st.booleans())
    def progress_or_end(self, hub, data, lost):
        agent = self.agents[hub]
        open_jobs = sorted(agent.started - agent.finished)
        if not open_jobs:
            return
        key = data.draw(st.sampled_from(open_jobs))
        news = data.draw(
            st.sampled_from(
                [Progressed(0.5), Completed(1, 1, SHA), Completed(1, 1, "another"), Aborted(Reason("x", ""))]
            )
        )
        if not isinstance(news, Progressed):
            agent.finished.add(key)
            agent.leases.pop(key, None)
        self._report(hub, key, news, times=0 if lost and isinstance(news, Progressed) else 2)

    @rule(hub=st.sampled_from(HUBS), job=st.sampled_from(JOBS), token=st.integers(1, 12))
    def lie(self, hub, job, token):
        """A hub reports as complete what it was perhaps never given."""
        report = Report("lie", job, Holder(hub, f"m-{hub}", token), 99, self.now, Completed(1, 1, SHA))
        holder = self.given.get(token)
        if holder is None or holder.hub_id != hub:
            assert isinstance(judge(self.jobs[job], report, patient=False), Refused)

    def _report(self, hub, key, news, times=2):
        agent = self.agents[hub]
        agent.sequences[key] = agent.sequences.get(key, 0) + 1
        report = Report("r", key[0], Holder(hub, f"m-{hub}", key[1]), agent.sequences[key], self.now, news)
        for _ in range(times):
            verdict = judge(self.jobs[key[0]], report, patient=False)
            if isinstance(verdict, Accepted):
                assert (*key, report.sequence) not in self.counted
                self.counted.add((*key, report.sequence))
                self.jobs[key[0]] = verdict.job
                self.completions[key[0]] += Fact.COMPLETED in verdict.facts
            elif isinstance(verdict, Refused) and verdict.superfluous:
                self.superfluous.add(key)

    # -- promises -----------------------------------------------------------------------------------------------------

    @invariant()
    def never_two_valid_leases(self):
        for job, order in self.jobs.items():
            if order.state in ENDED:
                continue
            valid = [
                (hub, token)
                for hub, agent in self.agents.items()
                for (name, token), ends in agent.leases.items()
                if name == job and ends > self.now
            ]
            assert len(valid) <= 1, valid

    @invariant()
    def an_agents_valid_lease_is_known_to_routing(self):
        for agent in self.agents.values():
            for (name, token), ends in agent.leases.items():
                order = self.jobs[name]
                if ends > self.now and order.state not in ENDED:
                    assert order.lease is not None
                    assert order.lease.holder.token == token
                    assert order.lease.expires_at >= ends

    @invariant()
    def tokens_only_grow(self):
        for name, order in self.jobs.items():
            assert order.token >= self.highest[name]
            self.highest[name] = order.token
            if order.lease is not None:
                assert order.lease.holder.token == order.token

    @invariant()
    def who_is_placed_is_held_and_who_waits_is_free_or_lapsed(self):
        for order in self.jobs.values():
            if order.state in PLACED:
                assert order.lease is not None
                assert not order.lease.lapsed
            if order.state is State.WAITING:
                assert order.lease is None or order.lease.lapsed

    @invariant()
    def a_job_order_completes_once(self):
        for name, order in self.jobs.items():
            assert self.completions[name] == (1 if order.state is State.COMPLETED else 0)

    @invariant()
    def nothing_is_counted_and_superfluous_at_once(self):
        counted = {(name, order.token) for name, order in self.jobs.items() if order.state is State.COMPLETED}
        assert not counted & self.superfluous


TestLeases = Leases.TestCase
TestLeases.settings = settings(max_examples=300, stateful_step_count=60, deadline=None)
