pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// Something was scanned and is being looked up: an answer at once, for the moment that it takes.
Item {
    id: page

    Question {
        anchors.left: parent.left
        y: page.height * 0.3
        width: page.width
        text: Texts.t("kiosk.cpr.looking")
        capMm: 14
    }
}
