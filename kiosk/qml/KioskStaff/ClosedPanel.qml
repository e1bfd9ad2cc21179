pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Dawr.Core
import Kiosk

// What customers see while staff have closed this kiosk, or while it is no device of a centre: where to go instead, in
// every language. Beneath it, in the second case, the way for whoever has a code.
Rectangle {
    id: panel

    required property list<var> languages
    required property Installer installer
    // Why it may give no tickets at all; empty when staff have closed it.
    readonly property string barred: installer.standing
    readonly property bool wide: width > height

    objectName: "closed-panel"
    visible: !installer.isOpen
    color: Theme.surface
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true

    function staffText(language: string): string {
        switch (barred) {
        case "":
            return "";
        case "forked":
            return Texts.of(language, "staff.barred.forked");
        case "revoked":
            return Texts.of(language, "staff.barred.revoked");
        case "misfit":
            return Texts.of(language, "enrol.staff.misfit");
        }
        return Texts.of(language, "enrol.staff.kiosk");
    }

    // Nothing beneath is to be touched.
    MouseArea {
        anchors.fill: parent
    }
    Column {
        anchors.centerIn: parent
        anchors.verticalCenterOffset: ways.visible ? -ways.height / 2 - Theme.mm(4) : 0
        width: parent.width - Theme.mm(40)
        spacing: Theme.mm(panel.wide ? 20 : 30)
        Repeater {
            model: panel.languages
            Column {
                id: said
                required property var modelData
                required property int index
                readonly property bool never: panel.barred === "new" || panel.barred === "misfit"
                width: parent.width
                spacing: Theme.mm(panel.wide ? 5 : 8)
                Label {
                    objectName: "closed-title-" + said.modelData.code
                    width: parent.width
                    text: Texts.of(said.modelData.code, said.never ? "enrol.kiosk.new" : "staff.closed.title")
                    capMm: 14
                    font.weight: Font.Bold
                    horizontalAlignment: Text.AlignHCenter
                }
                Label {
                    width: parent.width
                    text: Texts.of(said.modelData.code, "staff.closed.advice")
                    capMm: 8
                    horizontalAlignment: Text.AlignHCenter
                }
                Label {
                    objectName: "closed-staff-" + said.modelData.code
                    visible: text !== ""
                    width: parent.width
                    topPadding: Theme.mm(panel.wide ? 2 : 6)
                    text: panel.staffText(said.modelData.code)
                    color: Theme.muted
                    capMm: 4.5
                    horizontalAlignment: Text.AlignHCenter
                }
            }
        }
    }
    Row {
        id: ways
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: parent.bottom
        anchors.bottomMargin: Theme.mm(14)
        visible: panel.barred !== ""
        spacing: Theme.mm(8)
        // The right-to-left language stands on the right, where its readers look first.
        layoutDirection: Qt.RightToLeft
        Repeater {
            model: panel.languages
            ActionButton {
                required property var modelData
                objectName: "type-code-" + modelData.code
                width: Theme.mm(110)
                implicitHeight: Theme.mm(22)
                capMm: 5.5
                text: Texts.of(modelData.code, "enrol.open")
                onClicked: panel.installer.open(modelData.code)
            }
        }
    }
}
