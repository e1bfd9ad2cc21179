pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Window
import Dawr
import Hall.Model

// The hall's board. Sizes are parts of a 55-inch screen (1210 x 680 mm): there a unit is a millimetre, elsewhere the
// board keeps its proportions and the distance it can be read from follows the glass.
Window {
    id: window

    required property HallModel viewModel
    readonly property bool portrait: height > width
    readonly property real unit: portrait ? Math.min(width / 680, height / 1210) : Math.min(width / 1210, height / 680)
    readonly property bool revoked: viewModel.link === "revoked"
    readonly property string screenName: viewModel.staged ? "stage" : "board"
    readonly property real margin: 36 * unit

    color: Theme.surface

    StatusBar {
        id: bar
        anchors.bottom: parent.bottom
        width: parent.width
        height: 62 * window.unit
        unit: window.unit
        viewModel: window.viewModel
    }
    Column {
        visible: !window.viewModel.started
        anchors.centerIn: parent
        // On a tall screen what staff are to do stands above its middle.
        anchors.verticalCenterOffset: window.portrait && !window.revoked ? 90 * window.unit : -bar.height / 2
        spacing: (window.revoked ? 60 : 16) * window.unit
        Repeater {
            model: window.viewModel.labels[window.revoked ? "revoked" : "starting"]
            delegate: Write {
                required property var modelData
                required property int index
                objectName: "no-board-" + index
                anchors.horizontalCenter: parent?.horizontalCenter
                text: modelData.text
                capPx: (window.revoked ? 18 : 26) * window.unit
                maximumLineCount: 3
                lineHeight: 1.2
                horizontalAlignment: Text.AlignHCenter
                color: Theme.muted
            }
        }
    }
    Item {
        id: waiting
        visible: !window.viewModel.staged
        x: window.margin
        y: 16 * window.unit
        width: window.portrait ? parent.width - 2 * window.margin : parent.width * 0.5 - window.margin * 1.5
        height: (window.portrait ? 560 * window.unit : bar.y) - 2 * y

        WaitingList {
            width: parent.width
            height: parent.height - (notice.visible ? notice.height + 14 * window.unit : 0)
            unit: window.unit
            viewModel: window.viewModel
        }
        NoticeArea {
            id: notice
            anchors.bottom: parent.bottom
            width: parent.width
            unit: window.unit
            viewModel: window.viewModel
        }
    }
    CallList {
        visible: window.portrait || !window.viewModel.staged
        x: window.portrait ? window.margin : parent.width * 0.5 + window.margin * 0.5
        y: window.portrait ? 560 * window.unit : 16 * window.unit
        width: waiting.width
        height: bar.y - y - 10 * window.unit
        unit: window.unit
        viewModel: window.viewModel
    }
    StageView {
        visible: window.viewModel.staged
        width: parent.width
        height: window.portrait ? 560 * window.unit : bar.y - others.height
        unit: window.unit
        viewModel: window.viewModel
    }
    OtherCalls {
        id: others
        visible: window.viewModel.staged && !window.portrait
        x: window.margin
        y: bar.y - height
        width: parent.width - 2 * window.margin
        height: 62 * window.unit
        unit: window.unit
        viewModel: window.viewModel
    }
}
