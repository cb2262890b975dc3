"""`medteller-sim authority`: the group of commands that run an authority."""

import typer

from simulators.commands.authority_database import database

authority = typer.Typer(help="Run an authority: the simulated host behind the kiosks.", no_args_is_help=True)
authority.add_typer(database, name="database")
