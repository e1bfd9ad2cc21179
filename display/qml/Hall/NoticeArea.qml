pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Hall.Model

// Announcements, each language under the other; with the source long gone, what staff are to do.
Rectangle {
    id: area

    required property HallModel viewModel
    property real unit: 1
    readonly property bool alarming: viewModel.link === "long lost"

    objectName: "notice"
    readonly property string text: viewModel.notice.map(words => words.text).join(" | ")
    visible: viewModel.notice.length > 0
    height: texts.implicitHeight + 26 * unit
    color: Theme.raised
    radius: 8 * unit

    Rectangle {
        width: 5 * area.unit
        height: parent.height
        radius: width / 2
        color: area.alarming ? Theme.wait : Theme.accent
    }
    Column {
        id: texts
        anchors.verticalCenter: parent.verticalCenter
        x: 24 * area.unit
        width: parent.width - 2 * x
        spacing: 4 * area.unit
        Repeater {
            model: area.viewModel.notice
            delegate: Text {
                required property var modelData
                width: parent?.width ?? 0
                text: modelData.text
                color: Theme.ink
                font.family: Theme.family
                font.pixelSize: 13 * area.unit / Theme.capOfSize
                textFormat: Text.PlainText
                wrapMode: Text.WordWrap
                maximumLineCount: 3
                elide: Text.ElideRight
                lineHeight: 0.92
                horizontalAlignment: modelData.rtl ? Text.AlignRight : Text.AlignLeft
                Accessible.role: Accessible.StaticText
                Accessible.name: text
            }
        }
    }
}
