pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// On every screen at the same place: whose house this is, and the other language.
Item {
    id: header

    required property FrameModel frame

    Label {
        anchors.verticalCenter: parent.verticalCenter
        anchors.left: parent.left
        anchors.right: languages.left
        anchors.rightMargin: Theme.mm(6)
        text: header.frame.centre
        capMm: 4.8
        color: Theme.muted
        font.weight: Font.Medium
        horizontalAlignment: Text.AlignLeft
        maximumLineCount: 2
        elide: Text.ElideRight
    }
    Row {
        id: languages
        anchors.verticalCenter: parent.verticalCenter
        anchors.right: parent.right
        spacing: Theme.mm(3)
        Repeater {
            model: header.frame.otherLanguages
            ActionButton {
                required property var modelData
                objectName: "language-" + modelData.code
                implicitHeight: Theme.mm(16)
                text: modelData.name
                capMm: 5
                onClicked: header.frame.speak(modelData.code)
            }
        }
    }
    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: Math.max(1, Theme.mm(0.3))
        color: Theme.line
    }
}
