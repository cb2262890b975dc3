"""`medteller-sim`, and what to do where only the kiosk was installed."""

import sys


def main() -> None:
    """Run the command line; without the extra packages, say how to get them."""
    try:
        from simulators.cli import app
    except ModuleNotFoundError as missing:
        sys.exit(f"medteller-sim: {missing.name} is not installed; run: pip install 'medteller[sim]'")
    except KeyboardInterrupt:
        sys.exit(130)
    app()


if __name__ == "__main__":
    main()
