pragma ComponentBehavior: Bound

import QtQuick
import QtQuick.Window
import Dawr
import Dawr.Core
import Hall.Model

// The hall's board. Sizes are parts of a 55-inch screen (1210 x 680 mm): there a unit is a millimetre, elsewhere the
// board keeps its proportions and the distance it can be read from follows the glass.
Window {
    id: window

    required property HallModel viewModel
    required property Installer installer
    readonly property bool portrait: height > width
    readonly property real unit: portrait ? Math.min(width / 680, height / 1210) : Math.min(width / 1210, height / 680)
    // Otherwise it is no device, or no more, and shows nothing of the hall.
    readonly property bool inService: installer.standing === ""
    readonly property string screenName: !inService ? (installer.isOpen ? "code" : "closed") : viewModel.staged ? "stage" : "board"
    readonly property real margin: 36 * unit

    color: Theme.surface

    StatusBar {
        id: bar
        anchors.bottom: parent.bottom
        width: parent.width
        height: 62 * window.unit
        unit: window.unit
        inService: window.inService
        viewModel: window.viewModel
    }
    Item {
        anchors.fill: parent
        focus: true
        // A keyboard is only ever there to type a code.
        Keys.onPressed: event => {
            if (/^[0-9\u0660-\u0669]$/.test(event.text))
                window.installer.open("");
            event.accepted = window.installer.key(meaning(event.key), event.text);
        }

        function meaning(key: int): string {
            switch (key) {
            case Qt.Key_Escape:
                return "escape";
            case Qt.Key_Backspace:
            case Qt.Key_Delete:
                return "erase";
            case Qt.Key_Return:
            case Qt.Key_Enter:
                return "enter";
            }
            return "";
        }
    }
    Loader {
        anchors.top: parent.top
        anchors.bottom: bar.top
        width: parent.width
        active: !window.inService
        sourceComponent: EnrolView {
            unit: window.unit
            installer: window.installer
        }
    }
    Column {
        visible: !window.viewModel.started && window.inService
        anchors.centerIn: parent
        // On a tall screen what staff are to do stands above its middle.
        anchors.verticalCenterOffset: window.portrait ? 90 * window.unit : -bar.height / 2
        spacing: 16 * window.unit
        Repeater {
            model: window.viewModel.labels["starting"]
            delegate: Write {
                required property var modelData
                required property int index
                objectName: "no-board-" + index
                anchors.horizontalCenter: parent?.horizontalCenter
                text: modelData.text
                capPx: 26 * window.unit
                color: Theme.muted
            }
        }
    }
    Item {
        id: waiting
        visible: !window.viewModel.staged && window.inService
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
        visible: (window.portrait || !window.viewModel.staged) && window.inService
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
