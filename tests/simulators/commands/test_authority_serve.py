"""An authority in a process of its own, asked over HTTPS and called over TLS by clients that know nothing of it."""

import json
import signal
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from protocol.keys import Cipher, unwrap_key
from protocol.mac import unionpay_ecb
from protocol.money_line import Message, SignOnReply, decode, encode, mac_input, parse, with_mac
from protocol.service_line.envelope import SignType, signature
from tests.simulators.commands.authority_process import command, process, serving

pytestmark = pytest.mark.real_time

ASKED = {
    "infno": "8406",
    "msgid": "H37100000001202605201000000001",
    "mdtrtarea_admvs": "371000",
    "opter_type": "3",
    "opter": "guest",
    "inf_time": "2026-05-20 10:00:00",
    "input": {},
}


def is_let_in(port: int, context: ssl.SSLContext) -> bool:
    """TLS 1.3 tells a client that its certificate is missing at its first read."""
    try:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as line,
        ):
            line.settimeout(1)
            return line.recv(1) != b""
    except TimeoutError:
        return True
    except (ssl.SSLError, ConnectionError):
        return False


def settlement_by_hand(port: int, tmk: str) -> str:
    """Sign on as K3710001, settle an empty batch with a MAC in the UnionPay way; the reply code."""
    own: dict[int, str | bytes] = {11: "000001", 41: "K3710001", 42: "371000000000001"}
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:

        def ask(message: Message) -> Message:
            line.sendall(encode(message))
            answer = line.recv(2)
            while len(answer) < 2 + int.from_bytes(answer[:2], "big"):
                answer += line.recv(2048)
            return decode(answer)

        signed_on = parse(ask(Message("0800", {**own, 60: "00000001003", 63: "001"})))
        assert isinstance(signed_on, SignOnReply)
        assert signed_on.keys is not None
        mak = unwrap_key(Cipher.TDES, bytes.fromhex(tmk), signed_on.keys.mac_key)
        totals = Message("0500", {**own, 48: "0" * 62, 49: "156", 60: "00000001201", 63: "001"})
        return ask(with_mac(totals, unionpay_ecb(mak, mac_input(totals)))).text(39)


@pytest.mark.req("S2-62", "S1-43")
def test_both_lines_are_served_with_tls_and_end_with_sigterm(tmp_path: Path) -> None:
    database = tmp_path / "authority.db"
    added, told = command(
        *("terminal", "add", "K3710001", "--merchant", "371000000000001", "--region", "371000", "--json"),
        *("--tmk-file", tmp_path / "tmk", "--database", database),
    )
    files = json.loads(told)
    with serving("--database", database, "--people", "ours") as authority:
        answer = httpx.post(
            f"{authority.where['service']}/service/8406", json=ASKED, verify=authority.trust(), timeout=60
        )
        schema = httpx.get(authority.where["openapi"], verify=authority.trust(), timeout=60).json()
        money = urlsplit(authority.where["money"])
        ours = authority.trust()
        ours.load_cert_chain(files["certificate"], files["key"])
        assert is_let_in(money.port or 0, ours)
        assert not is_let_in(money.port or 0, authority.trust())
        code, said, complained = authority.stop()

    assert added == 0
    assert [each["id"] for each in answer.json()["output"]["channels"]] == ["K3710001"]
    assert "/service/9001" in schema["paths"]
    assert (code, said, complained) == (0, "", "")


def test_a_terminal_that_was_added_signs_on_over_https_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    database = tmp_path / "authority.db"
    with serving("--database", database, "--no-tls", "--mac", "unionpay-ecb") as authority:
        assert authority.where["ca"] is None
        _, told = command(
            *("terminal", "add", "K3710001", "--merchant", "371000000000001", "--region", "371000", "--json"),
            *("--tmk-file", tmp_path / "tmk", "--database", database),
        )
        asked = {
            **ASKED,
            "infno": "9001",
            "opter_type": "2",
            "opter": "K3710001",
            "inf_time": authority.where["since"][:19].replace("T", " "),
            "input": {"opter_no": "K3710001"},
            "signtype": "SHA256",
        }
        key = bytes.fromhex(Path(json.loads(told)["service_key"]).read_text())
        asked["cainfo"] = signature(key, SignType.SHA256, asked)
        answer = httpx.post(f"{authority.where['service']}/service/9001", json=asked, timeout=60).json()
        settled = settlement_by_hand(urlsplit(authority.where["money"]).port or 0, (tmp_path / "tmk").read_text())
        code, _, complained = authority.stop(signal.SIGINT)

    assert answer["infcode"] == 0, answer
    assert settled == "00"
    assert (code, complained) == (130, "")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--money", "nowhere"), "write HOST:PORT"),
        (("--no-tls", "--service", "0.0.0.0:0"), "loopback"),
        (("--people", "none.toml"), "none.toml"),
        (("--policies", "none"), "no such directory"),
        (("--database", "postgresql+psycopg://nobody@127.0.0.1:1/none"), "--keys"),
    ],
)
def test_what_can_not_be_served_is_told_in_one_line(tmp_path: Path, arguments: tuple[str, ...], complaint: str) -> None:
    where = () if "--database" in arguments else ("--database", str(tmp_path / "authority.db"))
    code, told = command("serve", *where, *arguments)

    assert (code, told.count("\n")) == (2, 1)
    assert complaint in told


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for option in ("--money", "--service"):
            running = process("--database", tmp_path / "authority.db", option, f"127.0.0.1:{port}")
            _, complained = running.communicate(timeout=60)
            assert (running.returncode, complained.count("\n")) == (2, 1)
            assert f"port {port}" in complained
