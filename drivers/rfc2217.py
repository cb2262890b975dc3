"""Ports of RFC 2217 device servers (ser2net, labgrid's remote serial ports) as these servers are."""

import contextlib

import serial.rfc2217


class Rfc2217Port(serial.rfc2217.Serial):  # type: ignore[misc]  # pySerial ships no types
    """pySerial's port, which takes what servers leave out.

    Speed, size, parity and stop bits must be confirmed by the server, and so must a hardware handshake. The states of
    DTR and RTS need not: where a line has no such wires, ser2net does not answer.
    """

    _hung_up = False

    def open(self) -> None:
        """Open the line. Raises ConnectionAbortedError when the server hangs up meanwhile: it may have a client."""
        self._hung_up = False
        try:
            super().open()
        except serial.SerialException as error:
            if self._hung_up:  # pySerial has waited for answers that could not come
                raise ConnectionAbortedError("it ended the connection") from error
            raise

    def rfc2217_set_control(self, value: bytes) -> None:
        """Ask for a control state; wait for the answer where the line depends on it."""
        item = self._rfc2217_options["control"]
        item.set(value)
        if value == serial.rfc2217.SET_CONTROL_USE_HW_FLOW_CONTROL:
            item.wait(self._network_timeout)

    def close(self) -> None:
        """Release the connection, also one that the server ended first."""
        connection = self._socket
        super().close()
        if connection is not None:
            connection.close()

    def _telnet_read_loop(self) -> None:
        """A server that hangs up is told by the next read or write, not by a traceback of this thread."""
        with contextlib.suppress(OSError):
            super()._telnet_read_loop()
        self._hung_up = True
