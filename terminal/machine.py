"""The state machine that runs the table, made strict about cancellation."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from transitions.core import MachineError
from transitions.extensions.asyncio import AsyncMachine

from terminal.states import Event, State, Transition


class StrictMachine(AsyncMachine):
    """`transitions` 0.9.3 swallows a cancellation that passes through a trigger; here it goes on to whoever asked."""

    async def process_context(self, func: Any, model: object) -> bool:
        """Process one trigger."""
        task = asyncio.current_task()
        asked_before = task.cancelling() if task else 0
        result = bool(await super().process_context(func, model))
        if task is not None and task.cancelling() > asked_before:
            raise asyncio.CancelledError
        return result


class Model:
    """What the machine keeps the state on, and the effects it resolves."""

    state: State

    def __init__(self, effects: object) -> None:
        self._effects = effects

    def __getattr__(self, name: str) -> Any:
        return getattr(self._effects, name)


class Machine:
    """Where we are, and the one way to go on."""

    def __init__(
        self, effects: object, table: Sequence[Transition], on_transition: Callable[[State, Event, State], None]
    ) -> None:
        self._model = Model(effects)
        self._on_transition = on_transition
        self._dest = {(row.source, row.event): row.dest for row in table}
        self._machine = StrictMachine(
            self._model,
            states=[state.value for state in State],
            initial=State.STARTING.value,
            transitions=[
                {
                    "trigger": row.event.value,
                    "source": row.source.value,
                    "dest": row.dest.value,
                    "after": row.effect,
                }
                for row in table
            ],
            queued=True,
            auto_transitions=False,
            ignore_invalid_triggers=False,
        )

    @property
    def state(self) -> State:
        """Where we are."""
        return State(self._model.state)

    async def fire(self, event: Event) -> None:
        """Go where the table says and start the effect. Raises MachineError when the table has no row for it."""
        source = self.state
        if (dest := self._dest.get((source, event))) is None:
            raise MachineError(f"no row for event {event} in state {source}")
        self._on_transition(source, event, dest)
        await self._machine.events[event.value].trigger(self._model)
