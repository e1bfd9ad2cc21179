pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Dawr.Core

// Which hub is asked, and which version asks: all that this page tells of the machine.
Item {
    id: foot

    required property Installer installer

    component Fact: Row {
        id: fact
        property string name
        property string said
        property string valueName
        anchors.verticalCenter: parent?.verticalCenter
        spacing: Theme.mm(3)
        visible: said !== ""
        Label {
            text: fact.name
            capMm: 4.5
            color: Theme.muted
        }
        Label {
            objectName: fact.valueName
            text: "\u2066" + fact.said + "\u2069"
            capMm: 4.5
            font.weight: Font.DemiBold
            color: Theme.muted
        }
    }

    Rectangle {
        width: parent.width
        height: Math.max(1, Theme.mm(0.3))
        color: Theme.line
    }
    Fact {
        anchors.left: parent.left
        name: Texts.t("enrol.hub")
        said: foot.installer.hub
        valueName: "code-hub"
    }
    Fact {
        anchors.right: parent.right
        name: Texts.t("enrol.version")
        said: foot.installer.version
        valueName: "code-version"
    }
}
