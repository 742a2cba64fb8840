"""The only place that reads true outlines of areas, where somebody has put them: GeoJSON below data/raw/boundaries.

Public geography, no personal data. A file is read as JSON and nothing else; what cannot be drawn is refused whole.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis import N_, ContractError, Fault

Ring = tuple[tuple[float, float], ...]
Outlines = Mapping[str, tuple[Ring, ...]]
"""Of each area, by code, its rings: longitude and latitude in degrees; holes are rings too."""
CURE = N_("Put GeoJSON with a property code on each area there, in degrees, or take the file away.")
LEAST_POINTS = 4
"""The points of a ring that encloses anything, its first one once more at the end."""


def read(folder: Path) -> Outlines:
    """All outlines of the files *.geojson in `folder`; none where it holds no such file.

    A file is a FeatureCollection of Polygon or MultiPolygon (RFC 7946), each with the area's code in the property
    `code`. Raises ContractError with all faults.
    """
    found: dict[str, tuple[Ring, ...]] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.geojson")):
        try:
            features = json.loads(path.read_text(encoding="utf-8"))["features"]
            listed = list(enumerate(features, 1))
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            faults.append(Fault(N_("is not a GeoJSON FeatureCollection"), values={"file": path.name}))
            continue
        for n, feature in listed:
            try:
                code, rings = _outline(feature)
                if code in found:
                    raise ValueError("a second outline")
                found[code] = rings
            except (ValueError, LookupError, TypeError):
                message = N_("is not one Polygon or MultiPolygon of an area with a code of its own, in degrees")
                faults.append(Fault(message, row=n, values={"file": path.name}))
    if faults:
        raise ContractError("data/raw/boundaries", faults, CURE)
    return found


def _outline(feature: Mapping[str, Any]) -> tuple[str, tuple[Ring, ...]]:
    """Code and rings of a feature. Raises ValueError, LookupError or TypeError where it has another form."""
    code, geometry = feature["properties"]["code"], feature["geometry"]
    if not isinstance(code, str) or geometry["type"] not in ("Polygon", "MultiPolygon"):
        raise ValueError("another form")
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    rings = tuple(tuple(_point(point) for point in ring) for polygon in polygons for ring in polygon)
    if not rings or min(map(len, rings)) < LEAST_POINTS:
        raise ValueError("no ring")
    return code, rings


def _point(point: Any) -> tuple[float, float]:
    longitude, latitude = float(point[0]), float(point[1])
    if not (math.isfinite(longitude) and abs(longitude) <= 180 and abs(latitude) <= 90):
        raise ValueError("no degrees")
    return longitude, latitude
