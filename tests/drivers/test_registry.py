import pytest

from drivers.escpos import EscPosOptions
from drivers.interfaces import CardReader, CashDispenser, PinPad, ReceiptPrinter
from drivers.link import Link
from drivers.registry import MODELS, Kind, UnknownModel, model
from simulators.world.line import memory_line

INTERFACES: dict[Kind, type] = {
    Kind.CARD_READER: CardReader,
    Kind.PIN_PAD: PinPad,
    Kind.CASH_DISPENSER: CashDispenser,
    Kind.RECEIPT_PRINTER: ReceiptPrinter,
}

every_model = pytest.mark.parametrize("name", MODELS)


def link() -> Link:
    return memory_line()[0]


@every_model
async def test_a_driver_is_made_from_a_link_and_its_options(name: str) -> None:
    entry = MODELS[name]
    assert entry.driver(link(), entry.configured({})) is not None


@every_model
async def test_a_driver_has_all_that_its_interface_promises(name: str) -> None:
    entry = MODELS[name]
    promised = [member for member in vars(INTERFACES[entry.kind]) if not member.startswith("_")]
    assert promised
    driver = entry.driver(link(), entry.configured({}))
    assert [member for member in promised if not hasattr(driver, member)] == []


@every_model
def test_the_wire_of_a_model_can_be_traced_in_both_directions(name: str) -> None:
    wire = MODELS[name].wire
    assert wire.from_host().pending == b""
    assert wire.from_device().pending == b""


@every_model
def test_a_model_is_found_by_its_name_and_kind(name: str) -> None:
    assert model(name, MODELS[name].kind) is MODELS[name]


def test_an_unknown_model_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(UnknownModel, match="no CashDispenser driver for 'cdm-9000'; there is puloon-lcdm-4000"):
        model("cdm-9000", Kind.CASH_DISPENSER)


def test_a_model_of_another_kind_is_unknown() -> None:
    with pytest.raises(UnknownModel, match="no CardReader driver for 'escpos'"):
        model("escpos", Kind.CARD_READER)


def test_options_come_from_a_configuration() -> None:
    assert MODELS["escpos"].configured({"columns": 48}) == EscPosOptions(columns=48)


def test_an_unknown_option_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match=r"unknown option colums; known here: columns, "):
        MODELS["escpos"].configured({"colums": 48})
