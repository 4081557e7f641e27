"""What the fulfilment sends on entering a step. Receivers know each command by job order and token: twice is once."""

from __future__ import annotations

import json

from chassis.unit_of_work import UnitOfWork
from orders.domain.characteristics import Characteristic, characteristics
from orders.domain.making import JobOrder
from orders.messages import commands, heard
from orders.sagas.state import Fulfilment
from orders.store import designs, job_orders, orders


async def send_assess(state: Fulfilment, uow: UnitOfWork) -> None:
    """Ask fabrication what the configuration is."""
    command = commands.assess(state.order_id, state.version_id, state.parameters_json, state.material_id)
    uow.emit(command, aggregate_id=state.order_id)


async def send_allocate(state: Fulfilment, uow: UnitOfWork) -> None:
    """Ask routing for a hub and machine."""
    order = await orders.load(uow.session, state.order_id)
    assert order is not None
    assessed = await job_orders.assessment_of(uow.session, state.order_id)
    command = commands.allocate(order, state.job_order_id, state.part_ids, assessed, state.excluded_profiles)
    uow.emit(command, aggregate_id=state.order_id)


async def send_program(state: Fulfilment, uow: UnitOfWork) -> None:
    """Ask fabrication for the program of the machine that holds the job order."""
    job_order = await _active(state, uow)
    command = commands.program(job_order, state.version_id, state.parameters_json, state.material_id)
    uow.emit(command, aggregate_id=state.order_id)


async def send_dispatch(state: Fulfilment, uow: UnitOfWork) -> None:
    """Ask routing to release the program to the machine."""
    command = commands.dispatch(await _active(state, uow), await wanted_characteristics(state, uow))
    uow.emit(command, aggregate_id=state.order_id)


async def send_inspect(state: Fulfilment, uow: UnitOfWork) -> None:
    """Ask quality to judge the parts that were made."""
    wanted = await wanted_characteristics(state, uow)
    command = commands.inspect(await _active(state, uow), state.version_id, state.parameters_json, wanted)
    uow.emit(command, aggregate_id=state.order_id)


async def send_nothing(state: Fulfilment, uow: UnitOfWork) -> None:
    """The step only waits."""


async def wanted_characteristics(state: Fulfilment, uow: UnitOfWork) -> tuple[Characteristic, ...]:
    """What is measured on this order's parts. Raises Unmeasurable."""
    listed = await designs.version(uow.session, state.version_id)
    assert listed is not None
    assessed = heard.stored_assessment(await job_orders.assessment_of(uow.session, state.order_id))
    return characteristics(listed.version.characteristics, json.loads(state.parameters_json), assessed.extent_mm)


async def _active(state: Fulfilment, uow: UnitOfWork) -> JobOrder:
    job_order = await job_orders.load(uow.session, state.job_order_id)
    assert job_order is not None
    return job_order
