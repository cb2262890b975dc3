"""The HTTPS connection under the service line: the authority is believed by a pinned CA, and we show a certificate."""

from collections.abc import Callable
from datetime import datetime

import httpx

from terminal.config import KioskConfig, ServiceConfig
from terminal.host_link import tls_context
from terminal.journal import Journal
from terminal.service_line import ServiceLine, ServiceLineSettings


def open_service_line(
    config: KioskConfig, service: ServiceConfig, journal: Journal, now: Callable[[], datetime]
) -> ServiceLine:
    """The line of a kiosk.toml; it connects at the first question. Raises ConfigError, LinkDown for its files."""
    client = httpx.AsyncClient(
        base_url=service.url,
        verify=tls_context(service.tls),
        trust_env=False,
        timeout=config.time_limits.service_reply,
        limits=httpx.Limits(max_keepalive_connections=0),  # a few questions a visit; none is worth a line kept open
    )
    return ServiceLine(client, journal, settings_of(config, service, service.key()), now)


def settings_of(config: KioskConfig, service: ServiceConfig, key: bytes) -> ServiceLineSettings:
    """Who asks, by the configuration."""
    return ServiceLineSettings(
        terminal=config.host.terminal,
        region=service.region,
        institution=service.institution,
        reply_timeout=config.time_limits.service_reply,
        key=key,
    )
