"""Rules: every folder below is a page, found by looking."""

import importlib
import pkgutil
from pathlib import Path

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)
for _found in pkgutil.iter_modules([str(Path(__file__).parent)]):
    if _found.ispkg:
        router.routes += importlib.import_module(f"{__package__}.{_found.name}.routes").router.routes
router.routes.sort(key=lambda route: getattr(route, "path", "").replace("{", "~"))  # names before what stands for any
