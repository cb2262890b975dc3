import sys

import pytest

from simulators.__main__ import main


def test_without_the_extra_packages_it_says_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "simulators.cli", None)

    with pytest.raises(SystemExit, match=r"pip install 'medteller\[sim\]'"):
        main()
