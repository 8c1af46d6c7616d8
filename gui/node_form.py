"""How a node is reached, as a form: name, address, way of signing in, password, certificate."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from checks.host_settings import host_node, typed_host
from checks.inventory import address_problem
from checks.node import Node, SignIn, Typed
from checks.site_settings import certificate_problem
from gui.flow_text import FlowText
from gui.theme import Theme, mark


class NodeForm(QWidget):
    changed = Signal()
    fingerprint_wanted = Signal()
    """Ask the node for its certificate's fingerprint, for a person to compare."""

    def __init__(
        self, taken: frozenset[str], groups: tuple[str, ...], theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._taken = frozenset(name.casefold() for name in taken)
        self._theme = theme
        self._touched: set[QWidget] = set()
        self._profile = ""
        self._kept: Node | None = None
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(theme.step(4))
        self._form.setVerticalSpacing(theme.step(1.5))
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self._under: dict[QWidget, FlowText] = {}
        self.name, self.address, self.port = self._line("name"), self._line("address"), self._line("port")
        self.user, self.password, self.certificate = self._line("user"), self._line("password"), self._line("cert")
        self.https = QCheckBox(self.tr("HTTPS"))
        self.sign_in = QComboBox()
        self.group = QComboBox()
        self.keep = QCheckBox(self.tr("Keep the password in this computer's keyring"))
        self.host, self.host_user = self._line("host"), self._line("host-user")
        self.host_password = self._line("host-password")
        self._build(groups)
        self.https.toggled.connect(self._on_https)
        self.host.textChanged.connect(self._show_host_rows)
        self._show_host_rows()
        for box in (self.sign_in, self.group):
            box.currentTextChanged.connect(self._on_changed)
        self._on_https(False)

    def _line(self, name: str) -> QLineEdit:
        line = QLineEdit()
        line.setObjectName(name)
        line.textChanged.connect(self._on_changed)
        line.editingFinished.connect(self._on_left)
        return line

    def _build(self, groups: tuple[str, ...]) -> None:
        for secret in (self.password, self.host_password):
            secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.sign_in.addItem(self.tr("NTLM (encrypted over HTTP, too)"), SignIn.NTLM.value)
        self.sign_in.addItem(self.tr("Basic (only with HTTPS)"), SignIn.BASIC.value)
        self.group.setEditable(True)
        self.group.addItems(["", *sorted(set(groups) - {""})])
        self.keep.setChecked(True)
        ask = QPushButton(self.tr("Ask the node…"))
        ask.setAutoDefault(False)
        ask.setToolTip(self.tr("Fetch the fingerprint of the certificate that the node shows now, to compare it"))
        ask.clicked.connect(self.fingerprint_wanted)
        self._ask = ask
        self._row(self.tr("Name"), self.name, self.tr("As you call it, e.g. worker-01"))
        self._row(self.tr("Address"), self.address, self.tr("Host name or IP address"))
        self._row(self.tr("Port"), self.port, "", beside=self.https)
        self._row(self.tr("Sign in with"), self.sign_in, "")
        self._row(self.tr("User"), self.user, self.tr(r"DOMAIN\name, or .\name for an account of the node"))
        self._row(self.tr("Password"), self.password, "")
        self._form.addRow("", self.keep)
        self._row(self.tr("Certificate"), self.certificate, "", beside=ask)
        self._row(self.tr("Group"), self.group, self.tr("Heading in the list; may be empty"))
        self._row(self.tr("Hyper-V host"), self.host, self.tr("Asked about MAC spoofing; may be empty"))
        self._row(self.tr("User there"), self.host_user, self.tr("Empty: as on the node"))
        self._row(self.tr("Password there"), self.host_password, self.tr("Empty: as it is stored, or as on the node"))

    def _row(self, label: str, field: QWidget, hint: str, beside: QWidget | None = None) -> None:
        words = QLabel(label)
        words.setBuddy(field)
        field.setAccessibleName(label)
        place: QWidget = field
        if beside is not None:
            place = QWidget()
            row = QHBoxLayout(place)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(self._theme.step(3))
            row.addWidget(field, 1)
            row.addWidget(beside)
        if isinstance(field, QLineEdit) and hint:
            field.setPlaceholderText(hint)
        self._form.addRow(words, place)
        under = FlowText()
        mark(under, small=True, error=True)
        under.hide()
        self._under[field] = under
        self._form.addRow("", under)

    # Values

    def show_node(self, node: Node) -> None:
        """Fill the form with a node's settings; the password stays where it is kept."""
        self._taken -= {node.name.casefold()}
        self._profile = node.profile
        self._kept = node
        self.name.setText(node.name)
        self.address.setText(node.address)
        self.port.setText("" if node.port is None else str(node.port))
        self.https.setChecked(node.https)
        self.sign_in.setCurrentIndex(self.sign_in.findData(node.sign_in.value))
        self.user.setText(node.user)
        self.certificate.setText(node.certificate)
        self.group.setCurrentText(node.group)
        host = host_node(node)
        self.host.setText(host.address if host is not None else "")
        self.host_user.setText(host.user if host is not None and host.user != node.user else "")
        self.password.setPlaceholderText(self.tr("Leave empty to keep the one that is stored"))

    def node(self) -> Node:
        """What the form says; only right while `problems` is empty."""
        port = self.port.text().strip()
        return Node(
            name=self.name.text().strip(),
            address=self.address.text().strip().strip("[]"),
            port=int(port) if port.isascii() and port.isdigit() else None,
            https=self.https.isChecked(),
            sign_in=SignIn(str(self.sign_in.currentData())),
            user=self.user.text().strip(),
            certificate=self.certificate.text().strip() if self.https.isChecked() else "",
            group=self.group.currentText().strip(),
            profile=self._profile,
            cluster=self._cluster(),
            paths=self._typed(self._kept.paths if self._kept else ()),
            names=self._typed(self._kept.names if self._kept else ()),
            hyperv_host=self._hyperv_host(),
        )

    def _cluster(self) -> tuple[Typed, ...]:
        kept = self._typed(self._kept.cluster if self._kept else ())
        no_host = not self.host.text().strip()
        return tuple(one for one in kept if not (no_host and one.name == "hyperv_host" and one.scope == "node"))

    def _hyperv_host(self) -> tuple[Typed, ...]:
        """What the form says of the host over what the file says; without an address, nothing of this node's own."""
        kept = {one.name: one for one in self._typed(self._kept.hyperv_host if self._kept else ())}
        address, user = self.host.text().strip().strip("[]"), self.host_user.text().strip()
        if not address:
            return tuple(one for one in kept.values() if one.scope != "node")
        there = typed_host(Node("", "", cluster=self._cluster(), hyperv_host=tuple(kept.values())))
        if there is None or there.value.strip("[]") != address:
            kept["address"] = Typed("address", address, "node")
        if user and ("user" not in kept or kept["user"].value != user):
            kept["user"] = Typed("user", user, "node")
        elif not user and "user" in kept and kept["user"].scope == "node":
            del kept["user"]
        return tuple(kept[name] for name in sorted(kept))

    def _typed(self, values: tuple[Typed, ...]) -> tuple[Typed, ...]:
        """What the node list's file says beyond this form; what it says of a group stays with the group."""
        same = self._kept is not None and self._kept.group == self.group.currentText().strip()
        return tuple(one for one in values if same or one.scope != "group")

    def problems(self) -> dict[QWidget, str]:
        """What is wrong, in words, by field."""
        found: dict[QWidget, str] = {}
        name, address, port = self.name.text().strip(), self.address.text().strip(), self.port.text().strip()
        if not name:
            found[self.name] = self.tr("A name is needed.")
        elif name.casefold() in self._taken:
            found[self.name] = self.tr("A node of this name is in the list already.")
        if address_problem(address):
            found[self.address] = self.tr("A host name or an IP address is needed.")
        if port and not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65535):
            found[self.port] = self.tr("A port is a number from 1 to 65535; empty means {port}.").format(
                port=5986 if self.https.isChecked() else 5985
            )
        if self.sign_in.currentData() == SignIn.BASIC.value and not self.https.isChecked():
            found[self.sign_in] = self.tr(
                "Basic would send the password readable over HTTP. Turn on HTTPS, or use NTLM."
            )
        if not self.user.text().strip():
            found[self.user] = self.tr("A user is needed.")
        if self.https.isChecked() and certificate_problem(self.certificate.text().strip()):
            found[self.certificate] = self.tr(
                "sha256: and 64 hex digits, or the path of a CA file; empty trusts the system."
            )
        if self.host.text().strip() and address_problem(self.host.text().strip()):
            found[self.host] = self.tr("A host name or an IP address is needed.")
        elif (host := host_node(self.node())) is not None and host.sign_in is SignIn.BASIC and not host.https:
            found[self.host] = self.tr(
                "Basic would send the password readable to this host: see hyperv_host in the list."
            )
        return found

    def show_problems(self, *, everything: bool = False) -> bool:
        """Say what is wrong under the fields that were left, or all. Answers whether all is right."""
        problems = self.problems()
        if everything:
            self._touched.update(self._under)
        for field, under in self._under.items():
            told = problems.get(field, "") if field in self._touched else ""
            under.setPlainText(told)
            under.setVisible(bool(told))
            mark(field, invalid=bool(told))
        return not problems

    @Slot()
    def _on_left(self) -> None:
        field = self.sender()
        if isinstance(field, QLineEdit) and (field.text() or field in self._touched):
            self._touched.add(field)
        self.show_problems()

    @Slot()
    def _on_changed(self) -> None:
        if self._under:
            self.show_problems()
            self.changed.emit()

    @Slot()
    def _show_host_rows(self) -> None:
        """Who signs in there is asked only where there is a host."""
        for field in (self.host_user, self.host_password):
            self._form.setRowVisible(field, bool(self.host.text().strip()))

    @Slot(bool)
    def _on_https(self, https: bool) -> None:
        self.port.setPlaceholderText("5986" if https else "5985")
        self.certificate.setEnabled(https)
        self._ask.setEnabled(https)
        words = self.tr("Empty: as this computer trusts; or sha256:…, or a CA file")
        self.certificate.setPlaceholderText(words if https else self.tr("Only with HTTPS"))
        if self.sign_in in self._touched or self.sign_in.currentData() == SignIn.BASIC.value:
            self._touched.add(self.sign_in)
        self._on_changed()
