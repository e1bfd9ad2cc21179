pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Dawr.Core
import Kiosk

// The one-time code that makes a device of this machine, typed on its own glass by whoever puts it up.
Rectangle {
    id: page

    required property Installer installer
    // Rows of code and name: the languages of the house.
    required property list<var> languages
    readonly property bool wide: width > height
    readonly property bool made: installer.device !== ""
    readonly property real edge: Theme.mm(14)

    objectName: "code-page"
    color: Theme.surface
    LayoutMirroring.enabled: Texts.rightToLeft
    LayoutMirroring.childrenInherit: true

    // What lies beneath is not to be touched.
    MouseArea {
        anchors.fill: parent
    }
    CodeHead {
        id: head
        anchors.top: parent.top
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.leftMargin: page.edge
        anchors.rightMargin: page.edge
        height: Theme.mm(27)
        installer: page.installer
        languages: page.languages
    }
    Column {
        id: top
        anchors.left: parent.left
        anchors.leftMargin: page.edge
        anchors.top: head.bottom
        anchors.topMargin: Theme.mm(page.wide ? 12 : 16)
        width: page.wide ? page.width * 0.52 - page.edge : page.width - 2 * page.edge
        spacing: Theme.mm(page.wide ? 10 : 16)
        visible: !page.made

        Question {
            width: parent.width
            text: Texts.t("enrol.title")
            help: Texts.t("enrol.help")
        }
        CodeCells {
            width: parent.width
            groups: page.installer.cells
            troubled: page.installer.trouble !== "" && !page.installer.again
        }
        Label {
            objectName: "code-trouble"
            width: parent.width
            visible: text !== ""
            text: page.installer.trouble !== "" ? Texts.t(page.installer.trouble) : ""
            color: Theme.alert
            capMm: 6
            font.weight: Font.DemiBold
            horizontalAlignment: Text.AlignLeft
        }
    }
    Column {
        anchors.centerIn: parent
        width: parent.width - 2 * page.edge
        spacing: Theme.mm(10)
        visible: page.made
        Label {
            width: parent.width
            text: Texts.t("enrol.made")
            capMm: 11
            font.weight: Font.Bold
            horizontalAlignment: Text.AlignHCenter
        }
        Label {
            objectName: "made-device"
            width: parent.width
            text: page.installer.device
            color: Theme.accent
            capMm: 22
            font.weight: Font.Bold
            horizontalAlignment: Text.AlignHCenter
        }
        Label {
            width: parent.width
            text: Texts.t("enrol.made_help")
            color: Theme.muted
            capMm: 6
            horizontalAlignment: Text.AlignHCenter
        }
    }
    Column {
        id: pad
        anchors.right: parent.right
        anchors.rightMargin: page.edge
        anchors.bottom: foot.top
        anchors.bottomMargin: Theme.mm(6)
        width: page.wide ? page.width * 0.42 - page.edge : page.width - 2 * page.edge
        spacing: Theme.mm(5)
        visible: !page.made
        Keypad {
            id: keys
            anchors.horizontalCenter: parent.horizontalCenter
            digits: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]
            enabled: !page.installer.busy && page.installer.hub !== ""
            opacity: enabled ? 1 : 0.45
            keyWidth: (pad.width - 2 * spacing) / 3
            keyHeight: Math.min(Theme.mm(40), (page.height - head.height - foot.height - Theme.mm(59) - (page.wide ? 0 : top.height + Theme.mm(20))) / 4)
            onTyped: digit => page.installer.type(digit)
            onErased: page.installer.erase()
            onCleared: page.installer.clear()
        }
        ActionButton {
            objectName: "send-code"
            width: keys.width
            anchors.horizontalCenter: parent.horizontalCenter
            implicitHeight: Theme.mm(26)
            primary: page.installer.complete
            capMm: 7
            text: Texts.t(page.installer.busy ? "enrol.asking" : page.installer.again ? "enrol.again" : "enrol.submit")
            enabled: page.installer.complete
            onClicked: page.installer.submit()
        }
    }
    CodeFoot {
        id: foot
        anchors.bottom: parent.bottom
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.leftMargin: page.edge
        anchors.rightMargin: page.edge
        height: Theme.mm(20)
        installer: page.installer
    }
}
