pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Dawr.Core

// A display that is no device of a centre, or no more: what the hall is to do instead, and beneath it what staff are to
// do, with the code as it is typed on a keyboard. Nobody touches a television.
Item {
    id: view

    required property Installer installer
    property real unit: 1
    readonly property bool tall: height > width
    readonly property real margin: 48 * unit
    readonly property string which: installer.standing

    // A text in each language, with the side it is read from.
    function said(key: string): var {
        return installer.languages.map(each => ({
                    "text": Texts.of(each.code, key),
                    "rtl": each.rtl
                }));
    }

    component Line: Text {
        property real cap: 12
        color: Theme.ink
        font.family: Theme.family
        font.pixelSize: Math.max(1, Math.round(cap * view.unit / Theme.capOfSize))
        textFormat: Text.PlainText
        wrapMode: Text.WordWrap
        Accessible.role: Accessible.StaticText
        Accessible.name: text
    }

    Column {
        anchors.horizontalCenter: parent.horizontalCenter
        y: (desk.y - height) / 2
        width: parent.width - 2 * view.margin
        spacing: (view.tall ? 70 : view.installer.isOpen ? 24 : 38) * view.unit
        Repeater {
            model: view.said(view.which === "revoked" ? "enrol.display.revoked" : "enrol.display.new")
            Column {
                id: told
                required property var modelData
                required property int index
                width: parent?.width ?? 0
                spacing: 6 * view.unit
                Line {
                    objectName: "no-board-" + told.index
                    width: parent.width
                    text: told.modelData.text
                    cap: view.tall ? 26 : 34
                    font.weight: Font.Bold
                    horizontalAlignment: Text.AlignHCenter
                }
                Line {
                    width: parent.width
                    text: view.said("enrol.display.follow")[told.index].text
                    cap: 20
                    horizontalAlignment: Text.AlignHCenter
                }
            }
        }
    }
    EnrolDesk {
        id: desk
        x: view.margin
        y: parent.height - height - 24 * view.unit
        width: parent.width - 2 * view.margin
        unit: view.unit
        tall: view.tall
        installer: view.installer
        steps: view.installer.device !== "" ? view.said("enrol.made") : view.installer.trouble !== "" ? view.said(view.installer.trouble) : view.said(view.which === "misfit" ? "enrol.staff.misfit" : "enrol.display.step")
        facts: [["enrol.machine", view.installer.machine], ["enrol.hub", view.installer.hub], ["enrol.version", view.installer.version]].map(row => ({
                    "names": view.said(row[0]),
                    "text": row[1]
                }))
    }
}
