from tests.firm import firm, quick_firm

__all__ = ["firm", "quick_firm"]
