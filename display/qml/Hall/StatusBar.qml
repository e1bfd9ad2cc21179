pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Hall.Model

// The foot of the board: the centre, the date, the clock; and a mark with the time of the last news when it grows old.
Rectangle {
    id: bar

    required property HallModel viewModel
    property real unit: 1
    // Who is no device of a centre misses no news.
    property bool inService: true
    readonly property bool lost: inService && viewModel.link !== "live"
    readonly property var second: lost ? viewModel.since : viewModel.dates

    color: Theme.raised

    Write {
        id: clock
        objectName: "clock"
        anchors.centerIn: parent
        text: bar.viewModel.clock
        capPx: 27 * bar.unit
        font.weight: Font.DemiBold
        font.features: ({ "tnum": 1 })
    }
    Repeater {
        model: Math.max(bar.viewModel.names.length, bar.second.length)
        delegate: Column {
            id: side
            required property int index
            readonly property var name: bar.viewModel.names[index] ?? null
            readonly property var line: bar.second[index] ?? null
            readonly property bool rtl: (line ?? name).rtl
            anchors.verticalCenter: parent?.verticalCenter
            width: (bar.width - clock.width) / 2 - 60 * bar.unit
            x: rtl ? bar.width - width - 40 * bar.unit : 40 * bar.unit

            Write {
                width: parent.width
                text: side.name?.text ?? ""
                capPx: 14 * bar.unit
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: 9 * bar.unit / Theme.capOfSize
                font.weight: Font.DemiBold
                horizontalAlignment: side.rtl ? Text.AlignRight : Text.AlignLeft
                lineHeight: 0.9
            }
            Row {
                layoutDirection: side.rtl ? Qt.RightToLeft : Qt.LeftToRight
                width: parent.width
                spacing: 7 * bar.unit
                Rectangle {
                    visible: bar.lost
                    anchors.verticalCenter: parent?.verticalCenter
                    width: 10 * bar.unit
                    height: width
                    radius: width / 2
                    color: Theme.wait
                }
                Write {
                    objectName: bar.lost ? "since-" + side.index : "date-" + side.index
                    text: side.line?.text ?? ""
                    capPx: 10.5 * bar.unit
                    color: bar.lost ? Theme.wait : Theme.muted
                    lineHeight: 0.9
                }
            }
        }
    }
}
