"""Makes Word files with tracked changes, by LibreOffice: make.py FOLDER DESCRIPTION.json...

A description holds `author` (of the changes), `paragraphs` ([style, words]; with `First` and `Next` for a style
the word processor counts them), `comments` (`text`, `by`, and the words `at` which it stands) and `changes`, made one
after the other while LibreOffice records them: `{"replace": [old, new]}`, and of whole paragraphs, found by words of
theirs, `{"add": words, "after": words}`, `{"delete": words}` and `{"move": words, "before": words}`.
FOLDER/NAME.docx comes of NAME.json; FOLDER also takes LibreOffice's profile.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

# Seconds after which everything is given up.
LIMIT = 100
BREAK = uno.getConstantByName("com.sun.star.text.ControlCharacter.PARAGRAPH_BREAK")


def value(name, given):
    return PropertyValue(Name=name, Value=given)


def start(folder, pipe):
    profile = (folder / "profile").absolute().as_uri()
    words = ["--headless", "--norestore", "--nologo", "--nodefault", f"-env:UserInstallation={profile}"]
    # A group of its own: the program is several processes, which have to end together.
    return subprocess.Popen(["soffice", *words, f"--accept=pipe,name={pipe};urp;"], start_new_session=True)


def connect(office, pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    while office.poll() is None:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            # It says nowhere that it is ready.
            time.sleep(0.1)
    raise SystemExit(f"soffice ended with {office.returncode}")


class Maker:
    def __init__(self, context):
        self.context = context

    def service(self, name):
        return self.context.ServiceManager.createInstanceWithContext(name, self.context)

    def author(self, name):
        provider = self.service("com.sun.star.configuration.ConfigurationProvider")
        path = value("nodepath", "/org.openoffice.UserProfile/Data")
        access = "com.sun.star.configuration.ConfigurationUpdateAccess"
        person = provider.createInstanceWithArguments(access, (path,))
        person.setPropertyValue("givenname", name)
        person.commitChanges()

    def make(self, described, path):
        self.author(described["author"])
        # Without a view: LibreOffice without a screen dies when a view has to show a comment.
        self.document = self.service("com.sun.star.text.TextDocument")
        self.document.initNew()
        self.write(described["paragraphs"])
        for comment in described.get("comments", []):
            self.comment(**comment)
        self.document.setPropertyValue("RecordChanges", True)
        for change in described["changes"]:
            self.change(change)
        self.document.storeToURL(path.absolute().as_uri(), (value("FilterName", "MS Word 2007 XML"),))
        self.document.close(True)

    def write(self, paragraphs):
        text = self.document.Text
        for index, (style, words) in enumerate(paragraphs):
            cursor = text.createTextCursorByRange(text.getEnd())
            if index:
                text.insertControlCharacter(cursor, BREAK, False)
            counted = style in ("First", "Next")
            cursor.setPropertyValue("ParaStyleName", "Standard" if counted else style)
            cursor.setPropertyValue("NumberingStyleName", "Numbering 123" if counted else "")
            if style == "First":
                cursor.setPropertyValue("ParaIsNumberingRestart", True)
                cursor.setPropertyValue("NumberingStartValue", 1)
            text.insertString(cursor, words, False)

    def find(self, words):
        # A search of LibreOffice's own would need a view.
        paragraphs = self.document.Text.createEnumeration()
        places = []
        while paragraphs.hasMoreElements():
            paragraph = paragraphs.nextElement()
            if words in paragraph.getString():
                places.append(paragraph)
        if len(places) != 1:
            raise SystemExit(f"`{words}` stands in {len(places)} paragraphs")
        cursor = self.document.Text.createTextCursorByRange(places[0].getStart())
        cursor.goRight(places[0].getString().index(words), False)
        cursor.goRight(len(words), True)
        return cursor

    def change(self, change):
        text = self.document.Text
        if "replace" in change:
            old, new = change["replace"]
            text.insertString(self.find(old), new, True)
        elif "add" in change:
            self.add(change["add"], change["after"])
        elif "delete" in change:
            self.delete(self.find(change["delete"]))
        else:
            found = self.find(change["move"])
            words, cursor = self.paragraph(found).getString(), self.paragraph(self.find(change["before"]))
            # LibreOffice takes the same paragraph gone here and come there for a moved one.
            self.delete(found)
            cursor.collapseToStart()
            text.insertString(cursor, words, False)
            text.insertControlCharacter(cursor, BREAK, False)

    def paragraph(self, found):
        cursor = self.document.Text.createTextCursorByRange(found)
        cursor.gotoStartOfParagraph(False)
        cursor.gotoEndOfParagraph(True)
        return cursor

    def add(self, words, after):
        cursor = self.paragraph(self.find(after))
        cursor.collapseToEnd()
        self.document.Text.insertControlCharacter(cursor, BREAK, False)
        self.document.Text.insertString(cursor, words, False)

    def delete(self, found):
        cursor = self.paragraph(found)
        # With its end, or an empty paragraph would stay.
        cursor.goRight(1, True)
        cursor.setString("")

    def comment(self, text, by, at):
        note = self.document.createInstance("com.sun.star.text.textfield.Annotation")
        note.Author, note.Content = by, text
        self.document.Text.insertTextContent(self.find(at).getEnd(), note, False)


def main(folder, descriptions):
    def give_up(*_):
        raise SystemExit(f"LibreOffice needs more than {LIMIT} s")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LIMIT)
    pipe = f"shall-{os.getpid()}"
    office = start(folder, pipe)
    try:
        maker = Maker(connect(office, pipe))
        for description in descriptions:
            maker.make(json.loads(description.read_text()), folder / description.with_suffix(".docx").name)
    finally:
        os.killpg(office.pid, signal.SIGKILL)
        office.wait()


main(pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]])
