"""Healthy training scripts, put together from parts: data, network, loss, optimizer, loop. Seeded, all different."""

import random
from collections.abc import Iterator

HEAD = "import copy\nimport torch\nfrom torch import nn\nfrom torch.utils.data import DataLoader, TensorDataset\ntorch.manual_seed({seed})\n"
DATA = {
    "values": ("X = torch.randn(384, 12)\nY = X[:, :1] + 0.5 * X[:, 1:2] * X[:, 2:3]\n", 1, "nn.MSELoss()"),
    "robust": ("X = torch.randn(384, 12)\nY = (X[:, :2] * X[:, 2:4]).tanh()\n", 2, "nn.SmoothL1Loss()"),
    "classes": (
        "Y = torch.randint(0, 4, (384,))\nX = torch.randn(4, 12)[Y] * 1.5 + torch.randn(384, 12)\n",
        4,
        "nn.CrossEntropyLoss()",
    ),
    "two": (
        "X = torch.randn(384, 12)\nY = (X[:, :1] + X[:, 1:2] > 0).float()\n",
        1,
        "nn.BCEWithLogitsLoss()",
    ),
    "hard": ("X = torch.randn(384, 12)\nY = X[:, :1] + torch.randn(384, 1)\n", 1, "nn.MSELoss()"),
    "tags": ("X = torch.randn(384, 12)\nY = (X[:, :3] > 0.3).float()\n", 3, "nn.BCEWithLogitsLoss()"),
}
NETS = {
    "mlp": "net = nn.Sequential(nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, {out}))\n",
    "tanh": "net = nn.Sequential(nn.Linear(12, 32), nn.Tanh(), nn.Linear(32, {out}))\n",
    "norm": "net = nn.Sequential(nn.Linear(12, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, {out}))\n",
    "layernorm": (
        "class Block(nn.Module):\n    def __init__(self, d):\n        super().__init__()\n"
        "        self.norm, self.up, self.down = nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.Linear(2 * d, d)\n"
        "    def forward(self, x):\n        return x + self.down(nn.functional.gelu(self.up(self.norm(x))))\n"
        "net = nn.Sequential(nn.Linear(12, 24), Block(24), Block(24), nn.Linear(24, {out}))\n"
    ),
    "conv": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.conv = nn.Conv1d(1, 12, 3, padding=1)\n        self.pool = nn.MaxPool1d(2)\n        self.fc = nn.Linear(72, {out})\n"
        "    def forward(self, x):\n        return self.fc(self.pool(torch.relu(self.conv(x.unsqueeze(1)))).flatten(1))\n"
        "net = Net()\n"
    ),
    "lstm": (
        "class Net(nn.Module):\n    def __init__(self, hidden=24):\n        super().__init__()\n"
        "        self.rnn = nn.LSTM(3, hidden, batch_first=True)\n        self.head = nn.Linear(hidden, {out})\n"
        "    def forward(self, x):\n        out, (h, c) = self.rnn(x.view(len(x), 4, 3))\n        return self.head(h[-1])\n"
        "net = Net()\n"
    ),
    "gru": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.cell, self.head = nn.GRUCell(3, 24), nn.Linear(24, {out})\n"
        "    def forward(self, x):\n        h = torch.zeros(len(x), 24)\n"
        "        for t in range(4):\n            h = self.cell(x[:, 3 * t:3 * t + 3], h)\n        return self.head(h)\n"
        "net = Net()\n"
    ),
    "attention": (
        "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.embed = nn.Linear(3, 16)\n        self.place = nn.Parameter(0.02 * torch.randn(1, 4, 16))\n"
        "        self.layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)\n        self.head = nn.Linear(16, {out})\n"
        "    def forward(self, x):\n        return self.head(self.layer(self.embed(x.view(len(x), 4, 3)) + self.place).mean(1))\n"
        "net = Net()\n"
    ),
}
OPTIMIZERS = (
    "torch.optim.SGD(net.parameters(), lr=0.1)",
    "torch.optim.SGD(net.parameters(), lr=0.03, momentum=0.9, nesterov=True)",
    "torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-3)",
    "torch.optim.Adam(net.parameters(), lr=3e-3)",
    "torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.05)",
    "torch.optim.RMSprop(net.parameters(), lr=2e-3)",
    "torch.optim.NAdam(net.parameters(), lr=3e-3)",
    "torch.optim.Adam([{'params': [p for p in net.parameters() if p.dim() > 1], 'weight_decay': 1e-4}, "
    "{'params': [p for p in net.parameters() if p.dim() < 2]}], lr=4e-3)",
)
LOOPS = {
    "plain": "for epoch in range(12):\n    for i in range(0, 384, 32):\n        optimizer.zero_grad()\n        loss = criterion(net(X[i:i+32]), Y[i:i+32])\n        loss.backward()\n        optimizer.step()\n",
    "whole": "for epoch in range(150):\n    prediction = net(X)\n    loss = criterion(prediction, Y)\n    optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()\n",
    "loader": "loader = DataLoader(TensorDataset(X, Y), batch_size=32, shuffle=True)\nfor epoch in range(10):\n    net.train()\n    for inputs, targets in loader:\n        loss = criterion(net(inputs), targets)\n        optimizer.zero_grad(set_to_none=False)\n        loss.backward()\n        nn.utils.clip_grad_norm_(net.parameters(), 1.0)\n        optimizer.step()\n",
    "accumulate": "optimizer.zero_grad()\nfor epoch in range(12):\n    for k, i in enumerate(range(0, 384, 24)):\n        loss = criterion(net(X[i:i+24]), Y[i:i+24]) / 4\n        loss.backward()\n        if (k + 1) % 4 == 0:\n            optimizer.step()\n            optimizer.zero_grad()\n",
    "trainer": "class Trainer:\n    def __init__(self, model, optimizer, criterion):\n        self.model, self.optimizer, self.criterion = model, optimizer, criterion\n    def training_step(self, batch):\n        x, y = batch\n        return self.criterion(self.model(x), y)\n    def fit(self, data, epochs):\n        for _ in range(epochs):\n            self.model.train()\n            for batch in data:\n                self.optimizer.zero_grad()\n                loss = self.training_step(batch)\n                loss.backward()\n                self.optimizer.step()\n            self.model.eval()\n            with torch.no_grad():\n                self.last = float(self.training_step((X, Y)))\nTrainer(net, optimizer, criterion).fit(DataLoader(TensorDataset(X, Y), 24, shuffle=True), 8)\n",
    "scheduler": "scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=120)\nfor step in range(120):\n    pick = torch.randint(0, 384, (48,))\n    loss = criterion(net(X[pick]), Y[pick])\n    optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()\n    scheduler.step()\n",
    "average": "shadow = copy.deepcopy(net).requires_grad_(False)\nfor step in range(120):\n    pick = torch.randperm(384)[:48]\n    loss = criterion(net(X[pick]), Y[pick])\n    optimizer.zero_grad()\n    loss.backward()\n    optimizer.step()\n    with torch.no_grad():\n        for slow, fast in zip(shadow.parameters(), net.parameters()):\n            slow.lerp_(fast, 0.05)\nshadow.eval()\nprint(criterion(shadow(X), Y).item())\n",
    "closure": "for step in range(100):\n    def closure():\n        optimizer.zero_grad()\n        loss = criterion(net(X), Y)\n        loss.backward()\n        return loss\n    optimizer.step(closure)\n",
    "autocast": "for epoch in range(10):\n    for i in torch.randperm(384).split(32):\n        with torch.autocast('cpu', dtype=torch.bfloat16):\n            out = net(X[i])\n        loss = criterion(out.float(), Y[i])\n        optimizer.zero_grad()\n        loss.backward()\n        optimizer.step()\n",
    "validated": "Xv, Yv, X, Y = X[320:], Y[320:], X[:320], Y[:320]\nbest, kept = float('inf'), None\nfor epoch in range(12):\n    net.train()\n    for i in torch.randperm(320).split(32):\n        optimizer.zero_grad()\n        criterion(net(X[i]), Y[i]).backward()\n        optimizer.step()\n    net.eval()\n    with torch.no_grad():\n        v = criterion(net(Xv), Yv).item()\n    if v < best:\n        best, kept = v, copy.deepcopy(net.state_dict())\nnet.load_state_dict(kept)\n",
    "penalised": "history = []\nfor step in range(120):\n    pick = torch.randint(0, 384, (64,))\n    fit = criterion(net(X[pick]), Y[pick])\n    size = sum(p.pow(2).sum() for p in net.parameters())\n    loss = fit + 1e-4 * size\n    net.zero_grad()\n    loss.backward()\n    optimizer.step()\n    history.append(fit.detach())\nprint(torch.stack(history)[-20:].mean())\n",
}


def scripts(count: int = 100, seed: int = 0) -> Iterator[tuple[str, str]]:
    """Return scripts with their names."""
    draw = random.Random(seed)
    everything = [(d, n, o, p) for d in DATA for n in NETS for o in range(len(OPTIMIZERS)) for p in LOOPS]
    for data, net, optimizer, loop in draw.sample(everything, count):
        text, out, loss = DATA[data]
        yield (
            f"{data}_{net}_{optimizer}_{loop}",
            HEAD.format(seed=draw.randrange(1000))
            + text
            + NETS[net].replace("{out}", str(out))
            + f"criterion = {loss}\noptimizer = {OPTIMIZERS[optimizer]}\n"
            + LOOPS[loop],
        )
