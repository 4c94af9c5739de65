"""Healthy training scripts, put together from parts: data, network, loss, optimizer, loop; seeded."""

import random
from collections.abc import Iterator

HEAD = """\
import copy
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed({seed})
"""
DATA = {
    "values": (
        """\
X = torch.randn(384, 12)
Y = X[:, :1] + 0.5 * X[:, 1:2] * X[:, 2:3]
""",
        1,
        "nn.MSELoss()",
    ),
    "robust": (
        """\
X = torch.randn(384, 12)
Y = (X[:, :2] * X[:, 2:4]).tanh()
""",
        2,
        "nn.SmoothL1Loss()",
    ),
    "classes": (
        """\
Y = torch.randint(0, 4, (384,))
X = torch.randn(4, 12)[Y] * 1.5 + torch.randn(384, 12)
""",
        4,
        "nn.CrossEntropyLoss()",
    ),
    "two": (
        """\
X = torch.randn(384, 12)
Y = (X[:, :1] + X[:, 1:2] > 0).float()
""",
        1,
        "nn.BCEWithLogitsLoss()",
    ),
    "hard": (
        """\
X = torch.randn(384, 12)
Y = X[:, :1] + torch.randn(384, 1)
""",
        1,
        "nn.MSELoss()",
    ),
    "tags": (
        """\
X = torch.randn(384, 12)
Y = (X[:, :3] > 0.3).float()
""",
        3,
        "nn.BCEWithLogitsLoss()",
    ),
}
"""Lines that make X and Y, number of outputs, loss."""
NETS = {
    "mlp": """\
net = nn.Sequential(
    nn.Linear(12, 48), nn.ReLU(), nn.Linear(48, 24), nn.ReLU(), nn.Linear(24, {out}),
)
""",
    "tanh": """\
net = nn.Sequential(nn.Linear(12, 32), nn.Tanh(), nn.Linear(32, {out}))
""",
    "norm": """\
net = nn.Sequential(
    nn.Linear(12, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Dropout(0.1), nn.Linear(48, {out}),
)
""",
    "layernorm": """\
class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.Linear(2 * d, d)
    def forward(self, x):
        return x + self.down(nn.functional.gelu(self.up(self.norm(x))))
net = nn.Sequential(nn.Linear(12, 24), Block(24), Block(24), nn.Linear(24, {out}))
""",
    "conv": """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 12, 3, padding=1)
        self.pool = nn.MaxPool1d(2)
        self.fc = nn.Linear(72, {out})
    def forward(self, x):
        h = torch.relu(self.conv(x.unsqueeze(1)))
        return self.fc(self.pool(h).flatten(1))
net = Net()
""",
    "lstm": """\
class Net(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.rnn = nn.LSTM(3, hidden, batch_first=True)
        self.head = nn.Linear(hidden, {out})
    def forward(self, x):
        out, (h, c) = self.rnn(x.view(len(x), 4, 3))
        return self.head(h[-1])
net = Net()
""",
    "gru": """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.head = nn.GRUCell(3, 24), nn.Linear(24, {out})
    def forward(self, x):
        h = torch.zeros(len(x), 24)
        for t in range(4):
            h = self.cell(x[:, 3 * t:3 * t + 3], h)
        return self.head(h)
net = Net()
""",
    "attention": """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(3, 16)
        self.place = nn.Parameter(0.02 * torch.randn(1, 4, 16))
        self.layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True)
        self.head = nn.Linear(16, {out})
    def forward(self, x):
        h = self.embed(x.view(len(x), 4, 3)) + self.place
        return self.head(self.layer(h).mean(1))
net = Net()
""",
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
    "plain": """\
for epoch in range(12):
    for i in range(0, 384, 32):
        optimizer.zero_grad()
        loss = criterion(net(X[i:i+32]), Y[i:i+32])
        loss.backward()
        optimizer.step()
""",
    "whole": """\
for epoch in range(150):
    prediction = net(X)
    loss = criterion(prediction, Y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
    "loader": """\
loader = DataLoader(TensorDataset(X, Y), batch_size=32, shuffle=True)
for epoch in range(10):
    net.train()
    for inputs, targets in loader:
        loss = criterion(net(inputs), targets)
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
""",
    "accumulate": """\
optimizer.zero_grad()
for epoch in range(12):
    for k, i in enumerate(range(0, 384, 24)):
        loss = criterion(net(X[i:i+24]), Y[i:i+24]) / 4
        loss.backward()
        if (k + 1) % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
""",
    "trainer": """\
class Trainer:
    def __init__(self, model, optimizer, criterion):
        self.model, self.optimizer, self.criterion = model, optimizer, criterion
    def training_step(self, batch):
        x, y = batch
        return self.criterion(self.model(x), y)
    def fit(self, data, epochs):
        for _ in range(epochs):
            self.model.train()
            for batch in data:
                self.optimizer.zero_grad()
                loss = self.training_step(batch)
                loss.backward()
                self.optimizer.step()
            self.model.eval()
            with torch.no_grad():
                self.last = float(self.training_step((X, Y)))
Trainer(net, optimizer, criterion).fit(DataLoader(TensorDataset(X, Y), 24, shuffle=True), 8)
""",
    "scheduler": """\
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=120)
for step in range(120):
    pick = torch.randint(0, 384, (48,))
    loss = criterion(net(X[pick]), Y[pick])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
""",
    "average": """\
shadow = copy.deepcopy(net).requires_grad_(False)
for step in range(120):
    pick = torch.randperm(384)[:48]
    loss = criterion(net(X[pick]), Y[pick])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for slow, fast in zip(shadow.parameters(), net.parameters()):
            slow.lerp_(fast, 0.05)
shadow.eval()
print(criterion(shadow(X), Y).item())
""",
    "closure": """\
for step in range(100):
    def closure():
        optimizer.zero_grad()
        loss = criterion(net(X), Y)
        loss.backward()
        return loss
    optimizer.step(closure)
""",
    "autocast": """\
for epoch in range(10):
    for i in torch.randperm(384).split(32):
        with torch.autocast('cpu', dtype=torch.bfloat16):
            out = net(X[i])
        loss = criterion(out.float(), Y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
""",
    "validated": """\
Xv, Yv, X, Y = X[320:], Y[320:], X[:320], Y[:320]
best, kept = float('inf'), None
for epoch in range(12):
    net.train()
    for i in torch.randperm(320).split(32):
        optimizer.zero_grad()
        criterion(net(X[i]), Y[i]).backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        v = criterion(net(Xv), Yv).item()
    if v < best:
        best, kept = v, copy.deepcopy(net.state_dict())
net.load_state_dict(kept)
""",
    "penalised": """\
history = []
for step in range(120):
    pick = torch.randint(0, 384, (64,))
    fit = criterion(net(X[pick]), Y[pick])
    size = sum(p.pow(2).sum() for p in net.parameters())
    loss = fit + 1e-4 * size
    net.zero_grad()
    loss.backward()
    optimizer.step()
    history.append(fit.detach())
print(torch.stack(history)[-20:].mean())
""",
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
