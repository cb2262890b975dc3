"""The state machine that runs the table, made strict about cancellation."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any
from weakref import WeakValueDictionary

from transitions.core import MachineError
from transitions.extensions.asyncio import AsyncMachine

from terminal.states import Event, State, Transition


class StrictMachine(AsyncMachine):
    """`transitions` 0.9.3 made strict: a cancellation that passes through a trigger goes on to whoever asked.

    One machine serves every model of a process: it is the table, and a model is where one kiosk is.
    """

    def __init__(self, table: Sequence[Transition]) -> None:
        super().__init__(
            None,
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
            queued="model",
            auto_transitions=False,
            ignore_invalid_triggers=False,
        )
        # A model that is gone takes its queue along; the library would keep both for ever.
        self._transition_queue_dict = WeakValueDictionary()  # type: ignore[assignment]
        self.destinations = {(row.source, row.event): row.dest for row in table}

    def take_in(self, model: "Model") -> None:
        """As `add_model`, without the methods that the library hangs on a model: `Machine.fire` is the one door."""
        self._transition_queue_dict[id(model)] = model.queue
        self.set_state(State.STARTING.value, model)

    async def process_context(self, func: Any, model: object) -> bool:
        """Process one trigger."""
        task = asyncio.current_task()
        asked_before = task.cancelling() if task else 0
        result = bool(await super().process_context(func, model))
        if task is not None and task.cancelling() > asked_before:
            raise asyncio.CancelledError
        return result


class Model:
    """What the machine keeps the state and the waiting triggers on, and the effects it resolves."""

    __slots__ = ("_effects", "queue", "state")

    state: State

    def __init__(self, effects: object) -> None:
        self._effects = effects
        self.queue: deque[Any] = deque()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._effects, name)


@cache
def _machine_of(table: tuple[Transition, ...]) -> StrictMachine:
    return StrictMachine(table)


class Machine:
    """Where we are, and the one way to go on."""

    def __init__(
        self, effects: object, table: tuple[Transition, ...], on_transition: Callable[[State, Event, State], None]
    ) -> None:
        self._on_transition = on_transition
        self._machine = _machine_of(table)
        self._model = Model(effects)
        self._machine.take_in(self._model)

    @property
    def state(self) -> State:
        """Where we are."""
        return State(self._model.state)

    async def fire(self, event: Event) -> None:
        """Go where the table says and start the effect. Raises MachineError when the table has no row for it."""
        source = self.state
        if (dest := self._machine.destinations.get((source, event))) is None:
            raise MachineError(f"no row for event {event} in state {source}")
        self._on_transition(source, event, dest)
        await self._machine.events[event.value].trigger(self._model)
