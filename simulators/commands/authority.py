"""`medteller-sim authority`: the group of commands that run an authority."""

import typer

from simulators.commands.authority_access import channel, staff, terminal
from simulators.commands.authority_audit import audit
from simulators.commands.authority_books import books
from simulators.commands.authority_database import database
from simulators.commands.authority_people import people
from simulators.commands.authority_policy import policy
from simulators.commands.authority_risk import risk
from simulators.commands.authority_serve import serve

authority = typer.Typer(help="Run an authority: the simulated host behind the kiosks.", no_args_is_help=True)
authority.command(
    epilog="Example: medteller-sim authority serve --database authority.db --people ours --money 127.0.0.1:8583 "
    "--service 127.0.0.1:8443. Exit code 0: ended by SIGTERM; 2: wrong use; 130: Ctrl-C."
)(serve)
authority.add_typer(terminal, name="terminal")
authority.add_typer(channel, name="channel")
authority.add_typer(staff, name="staff")
authority.add_typer(people, name="people")
authority.add_typer(database, name="database")
authority.add_typer(risk, name="risk")
authority.add_typer(policy, name="policy")
authority.add_typer(audit, name="audit")
authority.add_typer(books, name="books")
