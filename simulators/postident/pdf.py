"""Coupon and record as PDF, and the Data Matrix code that the clerk's scanner reads."""

import io
import re
from typing import Any

import zxingcpp
from fpdf import FPDF
from PIL import Image

from simulators.clock import moment
from simulators.postident.cases import Case


def _code(case_id: str) -> Any:
    return zxingcpp.create_barcode(case_id, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)


def data_matrix_svg(case_id: str) -> str:
    """Return the Data Matrix code of a caseId as SVG markup."""
    svg: str = _code(case_id).to_svg(scale=4, add_quiet_zones=True)
    scalable = re.sub(r'<svg width="(\d+)" height="(\d+)"', r'<svg viewBox="0 0 \1 \2" aria-hidden="true"', svg)
    return scalable[scalable.index("<svg") :]


def data_matrix_png(case_id: str) -> bytes:
    """Return the Data Matrix code of a caseId as a PNG image."""
    image = io.BytesIO()
    Image.fromarray(_code(case_id).to_image(scale=8, add_quiet_zones=True)).save(image, format="PNG")
    return image.getvalue()


def coupon_pdf(case: Case, client_name: str, valid_until: str) -> bytes:
    """Return the coupon that the person takes to the post office. It carries no name, only numbers."""
    pdf = FPDF(format="A4")
    pdf.set_title("POSTIDENT-Simulator: Coupon")
    pdf.set_lang("de-DE")
    pdf.set_margin(20)
    pdf.add_page()
    pdf.set_font("Helvetica", "B", 20)
    pdf.cell(0, 12, "Coupon für die Filiale", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("Helvetica", "", 11)
    pdf.cell(
        0, 8, "POSTIDENT-Simulator - kein Produkt der Deutschen Post, nur für Tests", new_x="LMARGIN", new_y="NEXT"
    )
    pdf.ln(6)
    top = pdf.get_y()
    pdf.image(io.BytesIO(data_matrix_png(case.case_id)), x=140, y=top, w=45)
    for label, value in _coupon_lines(case, client_name, valid_until):
        pdf.set_font("Helvetica", "", 10)
        pdf.cell(110, 6, label, new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("Helvetica", "B", 14)
        pdf.cell(110, 9, _latin(value), new_x="LMARGIN", new_y="NEXT")
    pdf.ln(8)
    pdf.set_font("Helvetica", "", 12)
    pdf.multi_cell(
        0,
        7,
        "So geht es weiter:\n"
        "1. Gehen Sie selbst in eine Filiale. Eine Vertretung ist nicht möglich.\n"
        "2. Nehmen Sie diesen Coupon und Ihren Personalausweis oder Reisepass mit. Der Führerschein gilt nicht.\n"
        "3. Die Filiale prüft Ihren Ausweis. Sie bestätigen Ihre Angaben.",
    )
    return bytes(pdf.output())


def _coupon_lines(case: Case, client_name: str, valid_until: str) -> list[tuple[str, str]]:
    return [
        ("Auftraggeber", client_name),
        ("Vorgangsnummer", case.case_id),
        ("Referenznummer", case.reference_id or "-"),
        ("Gültig bis", f"{moment(valid_until):%d.%m.%Y, %H:%M} Uhr"),
    ]


def record_pdf(case_id: str) -> bytes:
    """Return a stand-in for the form that the post office files."""
    pdf = FPDF(format="A4")
    pdf.add_page()
    pdf.set_font("Helvetica", "", 12)
    pdf.cell(0, 8, f"POSTIDENT-Simulator: Nachweis zum Vorgang {case_id}")
    return bytes(pdf.output())


def _latin(text: str) -> str:
    """Keep what the built-in PDF fonts can show."""
    return text.encode("latin-1", "replace").decode("latin-1")
