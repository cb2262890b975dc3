"""The envelope: spellings and sizes of the platform, signatures, and what a repr never shows."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from protocol.service_line import Answer, FaultAnswer, RefusedAnswer, Request, dump, signature, signature_is_right
from protocol.service_line.applications import ApplyInput
from protocol.service_line.envelope import OperatorType, SignType, answer_id, canonical, message_id, milliseconds
from protocol.service_line.information import Done, RatingInput
from tests.vectors import Vector, load

VECTORS = load("service_line")
MORNING = datetime(2026, 5, 20, 2, 0, 0, 123456, tzinfo=UTC)
RATING = {
    "infno": "8405",
    "msgid": "H37100000001202605201000000001",
    "mdtrtarea_admvs": "371000",
    "opter_type": "2",
    "opter": "K3710001",
    "inf_time": "2026-05-20 10:00:00",
    "input": {"stars": 5},
}


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_a_signature_is_the_hmac_over_the_canonical_envelope(vector: Vector) -> None:
    envelope = json.loads(vector.fields["envelope"])
    key = bytes.fromhex(vector.fields["key"])

    assert canonical(envelope) == vector.fields["signed"].encode()
    assert signature(key, SignType(envelope["signtype"]), envelope) == vector.data.hex().upper()
    assert signature_is_right(key, {**envelope, "cainfo": vector.data.hex().upper()})


@pytest.mark.parametrize(
    "change", [{"opter": "K3710002"}, {"cainfo": None}, {"cainfo": "é"}, {"signtype": "SM2"}, {"input": {"ip": "1"}}]
)
def test_a_changed_envelope_has_no_right_signature(change: dict[str, object]) -> None:
    vector = VECTORS[0]
    signed = {**json.loads(vector.fields["envelope"]), "cainfo": vector.data.hex().upper()}

    assert not signature_is_right(bytes.fromhex(vector.fields["key"]), {**signed, **change})


def test_message_ids_have_the_platforms_sizes() -> None:
    assert message_id("H37100000001", MORNING, 1) == "H37100000001" + "20260520100000" + "0001"
    assert answer_id("371000", MORNING, 17) == "371000" + "20260520100000" + "0000000017"
    assert milliseconds(MORNING) == "20260520100000123"
    with pytest.raises(ValueError, match="12 characters"):
        message_id("H3710000000", MORNING, 1)


def test_a_request_is_read_and_written_with_the_platforms_spellings() -> None:
    request = Request[RatingInput].model_validate({**RATING, "insuplc_admdvs": "440300"})

    assert request.inf_time == datetime(2026, 5, 20, 2, 0, tzinfo=UTC)
    assert dump(request) == {
        **RATING,
        "insuplc_admdvs": "440300",
        "recer_sys_code": "MEDTELLER",
        "infver": "V1.0",
        "opter_name": "",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"infno": "840"},
        {"msgid": "H3710000000120260520100000001"},
        {"mdtrtarea_admdvs": "371000"},
        {"mdtrtarea_admvs": "37100"},
        {"opter_type": "4"},
        {"infver": "V2.0"},
        {"inf_time": "2026-05-20T10:00:00"},
        {"inf_time": "2026-02-30 10:00:00"},
        {"opter": ""},
        {"recer_sys_code": "MEDTELLER-1"},
        {"input": {"stars": 4.5}},
        {"input": {"stars": "5"}},
        {"input": {"stars": 6}},
        {"unknown": 1},
    ],
    ids=str,
)
def test_what_does_not_fit_the_envelope_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Request[RatingInput].model_validate({**RATING, **change})


def test_the_codes_of_answers_are_integers() -> None:
    rest = {
        "inf_refmsgid": answer_id("371000", MORNING, 17),
        "refmsg_time": milliseconds(MORNING),
        "respond_time": milliseconds(MORNING),
    }
    refused = {**rest, "err_msg": "超过限额", "output": {"reasons": [{"key": "single_limit", "text": "超过限额"}]}}

    assert Answer[Done].model_validate({**rest, "infcode": 0, "output": {}}).infcode == 0
    assert RefusedAnswer.model_validate({**refused, "infcode": -1}).output.reasons[0].key == "single_limit"
    assert FaultAnswer.model_validate({**refused, "infcode": -3}).infcode == -3
    for wrong in ("0", 1, False, 0.0):
        with pytest.raises(ValidationError):
            Answer[Done].model_validate({**rest, "infcode": wrong, "output": {}})


@pytest.mark.req("S1-08")
def test_neither_repr_nor_error_shows_what_a_person_wrote() -> None:
    secrets = ("310101198001010018", "测试甲", "6230660000000000008", "13800005678")
    form = dict(zip(("certno", "name", "payee_account", "phone"), secrets, strict=True))
    body = ApplyInput.model_validate({"mdtrt_cert_type": "02", "mdtrt_cert_no": secrets[0], "form": form})
    request = Request[ApplyInput](
        infno="8101",
        msgid=message_id("H37100000001", MORNING, 1),
        mdtrtarea_admvs="371000",
        opter_type=OperatorType.TERMINAL,
        opter="K3710001",
        inf_time=MORNING,
        input=body,
    )
    with pytest.raises(ValidationError) as wrong:
        ApplyInput.model_validate({"mdtrt_cert_type": "02", "form": {**form, "place": 1, "secret": secrets[1]}})

    shown = repr(request) + str(request) + repr(body.form) + str(wrong.value)
    assert "mdtrt_cert_no" in repr(body)
    assert [secret for secret in secrets if secret in shown] == []
