pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Dawr.Core
import Kiosk

// The head of the code's page: the other language, and the way out.
Item {
    id: head

    required property Installer installer
    required property list<var> languages

    Row {
        anchors.verticalCenter: parent.verticalCenter
        anchors.right: parent.right
        spacing: Theme.mm(3)
        visible: !head.installer.busy
        Repeater {
            model: head.languages
            ActionButton {
                required property var modelData
                objectName: "code-language-" + modelData.code
                visible: modelData.code !== Texts.language
                implicitHeight: Theme.mm(17)
                capMm: 5
                quiet: true
                text: Texts.of(modelData.code, "kiosk.language")
                onClicked: head.installer.open(modelData.code)
            }
        }
        ActionButton {
            objectName: "code-leave"
            implicitHeight: Theme.mm(17)
            capMm: 5
            text: Texts.t("enrol.leave")
            onClicked: head.installer.leave()
        }
    }
    Rectangle {
        anchors.bottom: parent.bottom
        width: parent.width
        height: Math.max(1, Theme.mm(0.3))
        color: Theme.line
    }
}
