pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Hall.Model

// Who waits for what, and how long it is expected to take: by the letter that is on one's ticket.
Item {
    id: list

    required property HallModel viewModel
    property real unit: 1
    readonly property real pitch: Math.min(76 * unit, (height - heading.height) / Math.max(6, viewModel.services.length))
    readonly property real minutesWidth: 160 * unit
    readonly property real countWidth: 88 * unit

    Item {
        id: heading
        width: parent.width
        height: 38 * list.unit
        visible: list.viewModel.services.length > 0

        Repeater {
            model: [{ words: list.viewModel.labels["waiting"], edge: list.minutesWidth }, { words: list.viewModel.labels["minutes"], edge: 0 }]
            delegate: Column {
                id: title
                required property var modelData
                anchors.verticalCenter: parent?.verticalCenter
                anchors.right: parent?.right
                anchors.rightMargin: modelData.edge
                Repeater {
                    model: title.modelData.words
                    delegate: Write {
                        required property var modelData
                        anchors.right: parent?.right
                        text: modelData.text
                        capPx: 8.5 * list.unit
                        color: Theme.muted
                        lineHeight: 0.85
                    }
                }
            }
        }
        Rectangle {
            anchors.bottom: parent.bottom
            width: parent.width
            height: Math.max(1, Math.round(1.5 * list.unit))
            color: Theme.line
        }
    }
    Column {
        anchors.top: heading.bottom
        width: parent.width
        Repeater {
            model: list.viewModel.services
            delegate: Item {
                id: service
                required property var modelData
                required property int index
                objectName: "service-" + index
                width: list.width
                height: list.pitch

                Write {
                    id: letter
                    anchors.verticalCenter: parent.verticalCenter
                    width: 40 * list.unit
                    horizontalAlignment: Text.AlignHCenter
                    text: service.modelData.letter
                    capPx: list.pitch * 0.42
                    font.weight: Font.Bold
                }
                Column {
                    anchors.verticalCenter: parent.verticalCenter
                    x: 56 * list.unit
                    width: list.width - x - list.minutesWidth - list.countWidth
                    Repeater {
                        model: service.modelData.names
                        delegate: Write {
                            required property var modelData
                            width: parent?.width ?? 0
                            text: modelData.text
                            capPx: list.pitch * 0.205
                            color: modelData.rtl ? Theme.ink : Theme.muted
                            lineHeight: 0.86
                        }
                    }
                }
                Write {
                    anchors.verticalCenter: parent.verticalCenter
                    objectName: "count-" + service.index
                    x: list.width - list.minutesWidth - width
                    text: service.modelData.count
                    capPx: list.pitch * 0.42
                    color: Theme.muted
                    font.weight: Font.DemiBold
                    font.features: ({ "tnum": 1 })
                }
                Write {
                    anchors.verticalCenter: parent.verticalCenter
                    objectName: "minutes-" + service.index
                    x: list.width - width
                    // A wait of hours is written smaller: it would run into the people.
                    width: Math.min(implicitWidth, list.minutesWidth - 22 * list.unit)
                    fontSizeMode: Text.HorizontalFit
                    text: service.modelData.minutes === "" ? "\u2013" : service.modelData.minutes
                    capPx: list.pitch * 0.42
                    font.weight: Font.DemiBold
                    font.features: ({ "tnum": 1 })
                }
                Rectangle {
                    anchors.bottom: parent.bottom
                    width: parent.width
                    height: Math.max(1, Math.round(list.unit))
                    color: Theme.line
                }
            }
        }
    }
}
