"""The PIN pad of a counter: signed on to the money line, so that a holder can type a PIN that nobody else learns."""

from protocol.keys import Cipher, encrypt, unwrap_key
from protocol.money_line import NetworkCode, SignOn, SignOnReply, decode, encode, parse
from protocol.pin_block import encode as pin_block
from protocol.pin_block import pan12
from simulators.bench.bench import Bench


class CounterPad:
    """A terminal of a bank's counter that asks for nothing but PINs."""

    def __init__(self, bench: Bench, terminal: str, merchant: str, region: str) -> None:
        self.terminal = terminal
        self._bench = bench
        self._merchant = merchant
        self._tmk = bench.world.chance(f"master key of {terminal}").randbytes(16)
        self._stan = 0
        bench.authority.register_terminal(terminal, merchant, region, self._tmk)

    def block(self, pan: str, pin: str) -> str:
        """A PIN as the holder of a card types it, under the key of a fresh sign-on, in hexadecimal."""
        self._stan += 1
        asked = SignOn(
            stan=self._stan, terminal=self.terminal, merchant=self._merchant, batch=1, network=NetworkCode.SIGN_ON_TDES
        )
        answer = self._bench.authority.handle(decode(encode(asked.to_message())))
        reply = None if answer is None else parse(answer)
        assert isinstance(reply, SignOnReply)
        assert reply.keys is not None
        key = unwrap_key(Cipher.TDES, self._tmk, reply.keys.pin_key)
        return encrypt(Cipher.TDES, key, pin_block(pin, pan12(pan))).hex().upper()
