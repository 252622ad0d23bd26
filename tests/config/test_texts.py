"""The German of the screens: found, complete, and readable by gettext."""

import gettext
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from config.texts.catalogue import Entry, compile_to, merge, read, write
from config.texts.sources import Key, in_python, in_template, texts_of


def test_every_text_on_the_screens_has_german(capsys):
    try:
        call_command("texts", check=True)
    except CommandError as error:
        pytest.fail(f"{error}\n{capsys.readouterr().err}", pytrace=False)


def test_tags_blocks_plurals_contexts_and_constants_of_a_template_are_found():
    source = """
        {# {% translate "not this" %} #}
        {% translate "Plain" %} {% translate "May" context "month" %}
        {% blocktranslate trimmed count days=days %}
          {{ days }} day
        {% plural %}
          {{ days }} days
        {% endblocktranslate %}
        {% include "x.html" with text=_("Constant") %}
    """
    assert set(in_template(source)) == {
        Key("", "Plain"),
        Key("month", "May"),
        Key("", "%(days)s day", "%(days)s days"),
        Key("", "Constant"),
    }


def test_calls_with_literal_arguments_are_found_in_python():
    source = (
        '_("One" " text"); gettext_lazy("Lazy"); ngettext("a", "b", n); pgettext_lazy("c", "d"); other("x"); _(name)'
    )
    assert set(in_python(source)) == {Key("", "One text"), Key("", "Lazy"), Key("", "a", "b"), Key("c", "d")}


def test_a_text_knows_the_files_that_use_it():
    assert "templates/base.html" in texts_of(Path(settings.BASE_DIR))[Key("", "Skip to content")]


def test_a_catalogue_comes_back_as_it_was_written(tmp_path):
    path = tmp_path / "de" / "django.po"
    entries = [
        Entry(Key("", 'Say "hi"\nto all'), ['Sag "hallo"\nzu allen'], files={"a.html"}, comments=["# a note"]),
        Entry(Key("month", "May"), ["Mai"], files={"b.html"}, fuzzy=True),
        Entry(Key("", "%(n)s day", "%(n)s days"), ["%(n)s Tag", "%(n)s Tage"], files={"a.html"}),
    ]
    write(path, entries)
    again = read(path)

    assert [again[entry.key].translations for entry in entries] == [entry.translations for entry in entries]
    assert again[Key("month", "May")].fuzzy
    assert again[Key("", 'Say "hi"\nto all')].comments == ["# a note"]


def test_gettext_reads_what_is_compiled(tmp_path):
    path = tmp_path / "django.mo"
    compile_to(
        path,
        [
            Entry(Key("", "Übung"), ["Ü"]),
            Entry(Key("month", "May"), ["Mai"]),
            Entry(Key("", "%(n)s day", "%(n)s days"), ["%(n)s Tag", "%(n)s Tage"]),
            Entry(Key("", "Missing"), [""]),
        ],
    )
    with path.open("rb") as file:
        german = gettext.GNUTranslations(file)

    assert german.gettext("Übung") == "Ü"
    assert german.pgettext("month", "May") == "Mai"
    assert german.ngettext("%(n)s day", "%(n)s days", 2) == "%(n)s Tage"
    assert german.gettext("Missing") == "Missing"


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (Entry(Key("", "A"), [""], files={"a"}), "has no German"),
        (Entry(Key("", "a", "b"), ["eins"], files={"a"}), "has no German"),
        (Entry(Key("", "A"), ["B"], files={"a"}, fuzzy=True), "is marked fuzzy"),
        (Entry(Key("", "A"), ["B"]), "is used nowhere"),
        (Entry(Key("", "Hello %(name)s"), ["Hallo"], files={"a"}), "has other placeholders in German"),
    ],
)
def test_what_must_not_go_out_is_named(entry, fault):
    assert entry.faults() == [fault]


def test_a_text_that_no_source_uses_any_more_is_kept_for_its_author():
    old = Entry(Key("", "Old"), ["Alt"], files={"gone.html"})

    merged = merge({old.key: old}, {Key("", "New"): {"here.html"}})

    assert [(entry.key.text, entry.files) for entry in merged] == [("New", {"here.html"}), ("Old", set())]
