pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Hall.Model

// Beneath the stage: the other calls, newest first, so that nobody has to wait for the voice to see a number.
Item {
    id: strip

    required property HallModel viewModel
    property real unit: 1
    readonly property int places: 5

    Rectangle {
        width: parent.width
        height: Math.max(1, Math.round(1.5 * strip.unit))
        color: Theme.line
    }
    Row {
        anchors.fill: parent
        layoutDirection: Qt.LeftToRight
        Repeater {
            model: strip.visible ? strip.viewModel.others.slice(0, strip.places) : []
            delegate: Item {
                id: place
                required property var modelData
                required property int index
                readonly property string text: modelData.number + " \u2192 " + modelData.counter
                objectName: "other-" + index
                width: strip.width / strip.places
                height: strip.height

                Row {
                    anchors.centerIn: parent
                    layoutDirection: Qt.LeftToRight
                    spacing: 10 * strip.unit
                    Write {
                        text: place.modelData.number
                        capPx: 27 * strip.unit
                        color: place.modelData.next ? Theme.ink : Theme.muted
                        font.weight: Font.Bold
                        font.features: ({ "tnum": 1 })
                    }
                    Write {
                        text: "\u2192"
                        capPx: 27 * strip.unit
                        color: Theme.muted
                    }
                    Write {
                        text: place.modelData.counter
                        capPx: 27 * strip.unit
                        color: place.modelData.next ? Theme.accent : Theme.muted
                        font.weight: Font.Bold
                        font.features: ({ "tnum": 1 })
                    }
                }
            }
        }
    }
}
