"""What the auditor holds against a mesh. Each check answers sentences; no sentence is the proof."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from auditor.evidence import Evidence

ENDS = {
    "ready_for_pickup": "evt.orders.v1.order-ready-for-pickup",
    "cancelled": "evt.orders.v1.order-cancelled",
    "refused": "evt.orders.v1.order-refused",
    "failed": "evt.orders.v1.order-failed",
}
SETTLED = {*ENDS, "collected"}

Check = Callable[[Evidence], Iterator[str]]


def every_order_ended_once(seen: Evidence) -> Iterator[str]:
    """Each order has one end, in its row, in its timeline and as one event."""
    ended = Counter(order for subject in ENDS.values() for _, order in set(seen.event_subjects.get(subject, [])))
    entries = Counter(entry["order_id"] for entry in seen.table("orders", "timeline") if entry["status"] in ENDS)
    for order in seen.table("orders", "orders"):
        if order["status"] not in SETTLED:
            yield f"order {order['id']} is still {order['status']}"
        elif ended[order["id"]] != 1:
            yield f"order {order['id']} is {order['status']} and ended {ended[order['id']]} times by event"
        if entries[order["id"]] > 1:
            yield f"order {order['id']} ended {entries[order['id']]} times in its timeline"


def licence_units_balance(seen: Evidence) -> Iterator[str]:
    """Every movement sums to zero; balances are the ledger's sums; a part's unit is used or returned once."""
    movements: dict[str, int] = defaultdict(int)
    balances: dict[tuple[str, str], int] = defaultdict(int)
    fates: dict[str, Counter[str]] = defaultdict(Counter)
    for entry in seen.table("orders", "ledger"):
        movements[entry["movement_id"]] += entry["units"]
        balances[entry["licence_id"], entry["account"]] += entry["units"]
        if entry["part_id"] and entry["units"] > 0:
            fates[entry["part_id"]][entry["kind"]] += 1
    yield from (f"movement {name} does not balance: {total}" for name, total in movements.items() if total)
    for licence in seen.table("orders", "licences"):
        for account in ("available", "reserved", "used"):
            booked = balances[licence["id"], account]
            if licence[account] != booked:
                yield f"licence {licence['id']} says {account} {licence[account]}, its ledger {booked}"
    yield from _fates_fit(seen, fates)


def _fates_fit(seen: Evidence, fates: dict[str, Counter[str]]) -> Iterator[str]:
    started = {part for start in seen.starts for part in _parts_of(seen, start["job_order"])}
    statuses = {order["id"]: order["status"] for order in seen.table("orders", "orders")}
    for part in seen.table("orders", "parts"):
        fate = fates[part["id"]]
        if not part["licence_id"]:
            continue
        if fate["reserve"] != 1 or fate["use"] + fate["return"] > 1:
            yield f"part {part['id']}: {dict(fate)}"
        if statuses[part["order_id"]] == "ready_for_pickup" and fate["use"] != 1:
            yield f"part {part['id']} lies at the desk, its unit was used {fate['use']} times"
        if statuses[part["order_id"]] in {"refused", "failed"} and fate["use"] + fate["return"] != 1:
            yield f"part {part['id']} ended and its unit is neither used nor returned"
        if fate["use"] and part["id"] not in started:
            yield f"part {part['id']} was never started, its unit is used"


def _parts_of(seen: Evidence, job_order_id: str) -> list[str]:
    return next((job["part_ids"] for job in seen.table("orders", "job_orders") if job["id"] == job_order_id), [])


def tokens_only_grew(seen: Evidence) -> Iterator[str]:
    """In the order of routing's decisions each token is higher than all before it, of its job order and of all."""
    highest = 0
    for decision in seen.table("routing", "allocations"):
        token = decision["token"]
        if token is None:
            continue
        if token <= highest:
            yield f"job order {decision['job_order_id']} got token {token} after {highest} was given"
        highest = max(highest, token)


def no_machine_started_one_token_twice(seen: Evidence) -> Iterator[str]:
    """By the machines' own journals."""
    starts = Counter((start["job_order"], start["token"]) for start in seen.starts)
    yield from (f"job order {job} was started {n} times under token {t}" for (job, t), n in starts.items() if n > 1)


def each_accepted_part_was_made_once(seen: Evidence) -> Iterator[str]:
    """One program, one machine, one inspection for each part that lies at a desk; the machine agrees."""
    ready = {
        order["id"] for order in seen.table("orders", "orders") if order["status"] in {"ready_for_pickup", "collected"}
    }
    made = {(start["job_order"], start["token"]): start for start in seen.starts if start["outcome"] == "completed"}
    releases = {(row["job_order_id"], row["fencing_token"]): row for row in seen.table("fabrication", "releases")}
    programs = {row["id"]: row["sha256"] for row in seen.table("fabrication", "programs")}
    job_of = {row["id"]: row for row in seen.table("routing", "job_orders")}
    inspected = {row["id"]: row["job_order_id"] for row in seen.table("quality", "inspections")}
    accepted: dict[str, list[str]] = defaultdict(list)
    for decision in seen.table("quality", "decisions"):
        if decision["decision"] == "accepted":
            accepted[decision["part_id"]].append(inspected[decision["inspection_id"]])
    for part in seen.table("orders", "parts"):
        if part["order_id"] not in ready:
            continue
        jobs = accepted[part["id"]]
        if len(jobs) != 1:
            yield f"part {part['id']} was accepted by {len(jobs)} inspections"
            continue
        key = (jobs[0], job_of[jobs[0]]["token"])
        if key not in made:
            yield f"part {part['id']} is accepted, no machine completed {key}"
        elif key not in releases or programs[releases[key]["program_id"]] != made[key]["sha256"]:
            yield f"part {part['id']} was made by a program that was not released for {key}"


def superfluous_parts_are_recorded(seen: Evidence) -> Iterator[str]:
    """What a machine completed is either the job order's one completion or recorded as superfluous."""
    current = {
        (row["id"], row["token"])
        for row in seen.table("routing", "job_orders")
        if row["state"] in {"completed", "closed"}
    }
    recorded = {(row["job_order_id"], row["token"]) for row in seen.table("routing", "superfluous")}
    cancelled = {row["id"] for row in seen.table("routing", "job_orders") if row["state"] == "cancelled"}
    for start in seen.starts:
        key = (start["job_order"], start["token"])
        if start["outcome"] == "completed" and key not in current | recorded and key[0] not in cancelled:
            yield f"{start['machine']} completed {key}: neither counted nor recorded as superfluous"
    yield from (f"{key} is counted and superfluous at once" for key in current & recorded)


def no_event_is_lost(seen: Evidence) -> Iterator[str]:
    """Every outbox row reached its stream, every consumer has read its stream to the end, nothing died."""
    published = {event for events in seen.events.values() for event in events}
    for service, rows in seen.outbox.items():
        for row in rows:
            if row["published_at"] is None:
                yield f"{service}: {row['subject']} {row['event_id']} still waits in the outbox"
            elif row["subject"].startswith("evt.") and row["event_id"] not in published:
                yield f"{service}: {row['subject']} {row['event_id']} was marked as sent and is in no stream"
    yield from (f"{consumer} has {count} messages to handle" for consumer, count in seen.undelivered.items())
    yield from (f"dead letter {letter}" for letter in seen.dead_letters)


CHECKS: tuple[Check, ...] = (
    every_order_ended_once,
    licence_units_balance,
    tokens_only_grew,
    no_machine_started_one_token_twice,
    each_accepted_part_was_made_once,
    superfluous_parts_are_recorded,
    no_event_is_lost,
)


def audit(seen: Evidence) -> dict[str, list[str]]:
    """What each check found, by its name; only those that found something."""
    found = {check.__name__: list(check(seen)) for check in CHECKS}
    return {name: sentences for name, sentences in found.items() if sentences}
