pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// What customers see while staff have closed this kiosk: where to go instead, in every language.
Rectangle {
    id: panel

    required property list<var> languages
    // Why it may give no tickets at all; empty when staff have closed it.
    required property string barred

    objectName: "closed-panel"
    color: Theme.surface
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true

    // Nothing beneath is to be touched.
    MouseArea {
        anchors.fill: parent
    }
    Column {
        anchors.centerIn: parent
        width: parent.width - Theme.mm(40)
        spacing: Theme.mm(30)
        Repeater {
            model: panel.languages
            Column {
                id: said
                required property var modelData
                required property int index
                width: parent.width
                spacing: Theme.mm(8)
                Label {
                    objectName: "closed-title-" + said.modelData.code
                    width: parent.width
                    text: Texts.of(said.modelData.code, "staff.closed.title")
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
                    visible: panel.barred !== ""
                    width: parent.width
                    topPadding: Theme.mm(6)
                    text: Texts.of(said.modelData.code, panel.barred === "forked" ? "staff.barred.forked" : "staff.barred.revoked")
                    color: Theme.muted
                    capMm: 4.5
                    horizontalAlignment: Text.AlignHCenter
                }
            }
        }
    }
}
