pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Hall.Model

// The call that is being announced, alone: the ticket's plate and the counter, capitals of 183 mm where the glass allows.
Item {
    id: stage

    required property HallModel viewModel
    property real unit: 1
    readonly property var words: viewModel.labels["counter"]
    readonly property var repeated: viewModel.labels["again"]
    readonly property string call: viewModel.number + ">" + viewModel.counter + (viewModel.again ? "!" : "")
    // The plate's width for capitals of one pixel: glyphs, and the paddings of NumberPlate.
    readonly property real widthOfCap: glyphs.advanceWidth / 100 / Theme.capOfSize + 0.76 / 0.60
    readonly property real plateCap: Math.min(183 * unit, (width - 60 * unit) / widthOfCap)
    readonly property real counterCap: 183 * unit
    readonly property real gap: (height - plate.height - counterCap) / 3

    onCallChanged: if (viewModel.staged && Theme.longMs > 0) arrive.restart()

    TextMetrics {
        id: glyphs
        text: stage.viewModel.number
        font.family: Theme.family
        font.weight: Font.Bold
        font.pixelSize: 100
    }
    Item {
        id: moved
        width: parent.width
        height: parent.height

        NumberAnimation on y {
            id: arrive
            running: false
            from: 26 * stage.unit
            to: 0
            duration: Theme.longMs
            easing.type: Easing.OutCubic
        }
        NumberPlate {
            id: plate
            objectName: "stage-number"
            x: Math.round((parent.width - width) / 2)
            y: Math.round(stage.gap)
            number: stage.viewModel.number
            capMm: stage.plateCap / Theme.pxPerMm
        }
        Write {
            id: counter
            objectName: "stage-counter"
            anchors.horizontalCenter: parent.horizontalCenter
            // Placed by its capitals: the font's line is taller above them than below.
            y: plate.y + plate.height + stage.gap + stage.counterCap / 2 - height / 2
            text: stage.viewModel.counter
            capPx: stage.counterCap
            color: Theme.accent
            font.weight: Font.Bold
            font.features: ({ "tnum": 1 })
        }
        Repeater {
            model: stage.words
            delegate: Column {
                id: flank
                required property var modelData
                required property int index
                readonly property real free: (stage.width - counter.width) / 2 - 2 * edge
                readonly property real edge: 34 * stage.unit
                x: modelData.rtl ? counter.x + counter.width + edge : counter.x - edge - width
                y: counter.y + counter.height / 2 - height / 2
                spacing: -6 * stage.unit

                Write {
                    text: flank.modelData.text
                    capPx: Math.min(46 * stage.unit, flank.free / 6)
                    anchors.right: flank.modelData.rtl ? undefined : parent?.right
                }
                Write {
                    visible: stage.viewModel.again
                    text: stage.repeated[flank.index].text
                    capPx: Math.min(24 * stage.unit, flank.free / 9)
                    color: Theme.wait
                    anchors.right: flank.modelData.rtl ? undefined : parent?.right
                }
            }
        }
    }
}
