pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// A call in the list: number, arrow, counter, in this order to the eye in every language.
Item {
    id: row

    required property string number
    required property string counter
    required property string standing
    required property int index
    property real capPx: 60
    readonly property string text: number + " \u2192 " + counter

    objectName: "call-" + index
    Accessible.role: Accessible.StaticText
    Accessible.name: text

    Rectangle {
        visible: row.index === 0 || row.standing === "stage"
        anchors.fill: parent
        color: row.standing === "stage" ? Theme.accentSoft : Theme.raised
    }
    Rectangle {
        // Its announcement is under way or still to come.
        visible: row.standing !== "past"
        width: Math.round(row.capPx * 0.1)
        height: parent.height
        color: Theme.accent
    }
    Write {
        anchors.verticalCenter: parent.verticalCenter
        x: row.capPx * 0.42
        text: row.number
        capPx: row.capPx
        font.weight: Font.Bold
        font.features: ({ "tnum": 1 })
    }
    Write {
        anchors.verticalCenter: parent.verticalCenter
        x: row.width * 0.64 - width / 2
        text: "\u2192"
        capPx: row.capPx * 0.7
        color: Theme.muted
    }
    Write {
        anchors.verticalCenter: parent.verticalCenter
        x: row.width - width - row.capPx * 0.42
        text: row.counter
        capPx: row.capPx
        color: Theme.accent
        font.weight: Font.Bold
        font.features: ({ "tnum": 1 })
    }
    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: Math.max(1, Math.round(row.capPx / 40))
        color: Theme.line
    }
}
