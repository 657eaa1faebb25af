"""Writes a change request with tracked changes, by LibreOffice: make.py PORT OUTPUT.docx"""

import sys
import time

import uno
from com.sun.star.beans import PropertyValue

FORM = [
    ("Heading 1", "1 Reason for Change"),
    ("Standard", "Guests could not leave without being counted."),
    ("Heading 1", "2 Impact on Backward Compatibility"),
    ("Standard", "None."),
    ("Heading 1", "3 Detailed Change Proposal"),
]
BODY = [
    ("Heading 2", "9.3.1 Leaving the guest book"),
    ("Standard", "Upon receiving a SIP BYE request of a guest the IM Server:"),
    ("Standard", "1. SHALL answer the SIP BYE request with a SIP 200 \"OK\" response;"),
    ("Standard", "2. SHALL take the guest out of the guest book; and,"),
    ("Standard", "3. SHOULD tell the host who has left."),
    ("Heading 2", "9.3.2 Reading the guest book"),
    ("Standard", "Upon receiving a SIP SUBSCRIBE request of the host the IM Server:"),
    ("Standard", "1. SHALL answer the SIP SUBSCRIBE request with a SIP 200 \"OK\" response; and,"),
    ("Standard", "2. SHALL send the names of all guests."),
]
# What the change does: words of a paragraph, a paragraph added, a heading's number.
REWORD = ("the host who has left", "all other guests who has left")
ADD_AFTER = ("all other guests who has left.", "4. SHALL write the time of leaving into the history.")
RENUMBER = ("9.3.2", "9.3.4")


def connect(port):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext(
        "com.sun.star.bridge.UnoUrlResolver", local
    )
    url = f"uno:socket,host=127.0.0.1,port={port};urp;StarOffice.ComponentContext"
    for _ in range(100):
        try:
            return resolver.resolve(url)
        except Exception:
            time.sleep(0.2)
    raise SystemExit("soffice does not answer")


def replace(document, old, new):
    search = document.createReplaceDescriptor()
    search.SearchString, search.ReplaceString = old, new
    if document.replaceAll(search) != 1:
        raise SystemExit(f"`{old}` does not stand there once")


def append(document, after, words):
    search = document.createSearchDescriptor()
    search.SearchString = after
    found = document.findFirst(search)
    cursor = document.Text.createTextCursorByRange(found.getEnd())
    document.Text.insertControlCharacter(cursor, 0, False)
    document.Text.insertString(cursor, words, False)


def main(port, output):
    context = connect(port)
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    hidden = PropertyValue(Name="Hidden", Value=True)
    document = desktop.loadComponentFromURL("private:factory/swriter", "_blank", 0, (hidden,))
    text = document.Text
    for index, (style, words) in enumerate(FORM + BODY):
        cursor = text.createTextCursorByRange(text.getEnd())
        if index:
            text.insertControlCharacter(cursor, 0, False)
        cursor.setPropertyValue("ParaStyleName", style)
        text.insertString(cursor, words, False)
    document.setPropertyValue("RecordChanges", True)
    replace(document, *REWORD)
    append(document, *ADD_AFTER)
    replace(document, *RENUMBER)
    target = uno.systemPathToFileUrl(output)
    document.storeToURL(target, (PropertyValue(Name="FilterName", Value="MS Word 2007 XML"),))
    document.close(True)
    try:
        desktop.terminate()
    except Exception:
        pass


main(sys.argv[1], sys.argv[2])
