"""How a test reads what a refused program says."""

from tests.support.monitor import Ran


def refusal(ran: Ran, component: str = "web") -> str:
    """Return the words of a refusal that came before any object was registered, and without a traceback."""
    children = [found.name for found in ran.resources.values() if found.parent == component]
    assert children == []
    assert ran.error
    for said in (ran.error, *(text for _, text in ran.said)):
        assert "Traceback" not in said
        assert 'File "' not in said
    return ran.error
