"""A QR code as SVG: an address of ours, to go on with the phone."""

from __future__ import annotations

import re

import zxingcpp

_SIZE = re.compile(r'width="(\d+)" height="(\d+)"')


def qr_svg(text: str) -> str:
    """Return an SVG that scales, with the quiet zone that scanners need, black on white."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    svg: str = code.to_svg(add_quiet_zones=True)
    drawing = svg[svg.index("<svg") :]
    return _SIZE.sub(r'viewBox="0 0 \1 \2"', drawing, count=1)
