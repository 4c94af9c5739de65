"""Twelve trainings of different kinds; on a slow core, their steps take from 0.3 to about ten milliseconds.

The doctor's overhead is measured with them: `python -m tests.benchmarks.doctor overhead`. Each is a whole
script that takes about two seconds; `STEPS` says how many calls of backward() it makes.
"""

HEAD = """
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0); torch.set_num_threads(1)
"""

TRAININGS: dict[str, tuple[int, str]] = {
    "small network, SGD": (
        5000,
        """
x, y = torch.randn(32, 16), torch.randn(32, 1)
net = nn.Sequential(nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.SGD(net.parameters(), lr=1e-2)
for step in range(5000):
    loss = F.mse_loss(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
""",
    ),
    "network, Adam": (
        2500,
        """
x, y = torch.randn(64, 32), torch.randn(64, 1)
net = nn.Sequential(nn.Linear(32, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(2500):
    opt.zero_grad(); loss = ((net(x) - y) ** 2).mean(); loss.backward(); opt.step()
print(loss.item())
""",
    ),
    "by hand": (
        4000,
        """
x, y = torch.randn(100, 5), torch.randn(100, 1)
w1 = (torch.randn(5, 40) * 0.3).requires_grad_(); b1 = torch.zeros(40, requires_grad=True)
w2 = (torch.randn(40, 1) * 0.1).requires_grad_()
for step in range(4000):
    loss = (torch.tanh(x @ w1 + b1) @ w2 - y).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        for w in (w1, b1, w2):
            w -= 0.01 * w.grad
            w.grad = None
print(loss.item())
""",
    ),
    "loader, dropout, validation": (
        2000,
        """
from torch.utils.data import DataLoader, TensorDataset
x = torch.randn(1280, 20); y = (x[:, 0] > 0).long()
net = nn.Sequential(nn.Linear(20, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 2))
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
loader = DataLoader(TensorDataset(x[:1024], y[:1024]), batch_size=32, shuffle=True)
for epoch in range(62):
    net.train()
    for a, b in loader:
        loss = F.cross_entropy(net(a), b)
        opt.zero_grad(); loss.backward(); opt.step()
    net.eval()
    with torch.no_grad():
        right = (net(x[1024:]).argmax(1) == y[1024:]).float().mean()
print(loss.item(), right.item())
""",
    ),
    "convolutions": (
        350,
        """
x = torch.randn(256, 1, 16, 16); y = torch.randint(0, 5, (256,))
net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3),
                    nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(288, 5))
opt = torch.optim.SGD(net.parameters(), lr=1e-2, momentum=0.9)
for step in range(350):
    i = torch.randint(0, 256, (32,))
    loss = F.cross_entropy(net(x[i]), y[i])
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
""",
    ),
    "LSTM": (
        350,
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(4, 48, batch_first=True), nn.Linear(48, 1)
    def forward(self, x):
        h, _ = self.lstm(x)
        return self.out(h[:, -1])
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(350):
    x = torch.randn(32, 15, 4)
    loss = F.mse_loss(net(x), x.sum((1, 2)).unsqueeze(1))
    opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(net.parameters(), 1.0); opt.step()
print(loss.item())
""",
    ),
    "transformer": (
        150,
        """
class LM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.pos = nn.Embedding(40, 64), nn.Parameter(torch.randn(24, 64) * 0.02)
        layer = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.1, batch_first=True)
        self.body, self.head = nn.TransformerEncoder(layer, 2), nn.Linear(64, 40)
    def forward(self, x):
        n = x.shape[1]
        mask = nn.Transformer.generate_square_subsequent_mask(n)
        return self.head(self.body(self.emb(x) + self.pos[:n], mask=mask, is_causal=True))
net = LM(); opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
for step in range(150):
    t = (torch.randint(0, 40, (16, 1)) + 3 * torch.arange(25)) % 40
    loss = F.cross_entropy(net(t[:, :-1]).reshape(-1, 40), t[:, 1:].reshape(-1))
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
""",
    ),
    "GAN": (
        1400,
        """
G = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 2))
D = nn.Sequential(nn.Linear(2, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1))
og, od = torch.optim.Adam(G.parameters(), 1e-3), torch.optim.Adam(D.parameters(), 1e-3)
bce = nn.BCEWithLogitsLoss()
for step in range(700):
    real, fake = torch.randn(64, 2) + 2, G(torch.randn(64, 8))
    ld = bce(D(real), torch.ones(64, 1)) + bce(D(fake.detach()), torch.zeros(64, 1))
    od.zero_grad(); ld.backward(); od.step()
    lg = bce(D(fake), torch.ones(64, 1))
    og.zero_grad(); lg.backward(); og.step()
print(ld.item(), lg.item())
""",
    ),
    "actor and critic": (
        150,
        """
from torch.distributions import Categorical
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.pi, self.v = nn.Linear(4, 64), nn.Linear(64, 2), nn.Linear(64, 1)
    def forward(self, s):
        h = torch.relu(self.body(s))
        return Categorical(logits=self.pi(h)), self.v(h)
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for episode in range(150):
    logs, values, rewards = [], [], []
    for t in range(20):
        s = torch.randn(4)
        d, v = net(s); a = d.sample()
        logs.append(d.log_prob(a)); values.append(v); rewards.append(float(a.item() == int(s[0] > 0)))
    R, returns = 0.0, []
    for r in reversed(rewards):
        R = r + 0.5 * R; returns.insert(0, R)
    returns = torch.tensor(returns); values = torch.cat(values)
    adv = returns - values.detach()
    loss = -(torch.stack(logs) * adv).mean() + F.mse_loss(values, returns)
    opt.zero_grad(); loss.backward(); opt.step()
print(sum(rewards))
""",
    ),
    "DQN": (
        1200,
        """
import random
random.seed(0)
q, target = (nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 3)) for _ in range(2))
target.load_state_dict(q.state_dict())
opt = torch.optim.Adam(q.parameters(), lr=1e-3); memory = []
s = torch.randn(6)
for step in range(1200):
    with torch.no_grad():
        a = random.randrange(3) if random.random() < 0.2 else q(s.unsqueeze(0)).argmax(1).item()
    s2 = 0.9 * s + 0.3 * torch.randn(6); memory.append((s, a, float(s[a] > 0), s2)); s = s2
    S, A, R, N = zip(*random.choices(memory, k=32))
    S, N, A, R = torch.stack(S), torch.stack(N), torch.tensor(A), torch.tensor(R)
    with torch.no_grad():
        y = R + 0.9 * target(N).max(1).values
    loss = F.smooth_l1_loss(q(S).gather(1, A.unsqueeze(1)).squeeze(1), y)
    opt.zero_grad(); loss.backward(); opt.step()
    if step % 100 == 0:
        target.load_state_dict(q.state_dict())
print(loss.item())
""",
    ),
    "LBFGS": (
        2000,
        """
x = torch.linspace(-2, 2, 200).unsqueeze(1); y = torch.sin(3 * x) + 0.3 * x
net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.LBFGS(net.parameters(), lr=0.1, max_iter=20, tolerance_grad=0, tolerance_change=0)
def closure():
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    return loss
for step in range(100):
    loss = opt.step(closure)
print(loss.item())
""",
    ),
    "large layers, accumulated": (
        120,
        """
x, y = torch.randn(512, 256), torch.randn(512, 10)
net = nn.Sequential(nn.Linear(256, 768), nn.GELU(), nn.LayerNorm(768), nn.Linear(768, 768), nn.GELU(),
                    nn.Linear(768, 10))
opt = torch.optim.AdamW(net.parameters(), lr=1e-4)
for step in range(120):
    i = torch.randint(0, 512, (256,))
    loss = F.mse_loss(net(x[i]), y[i]) / 4
    loss.backward()
    if step % 4 == 3:
        opt.step(); opt.zero_grad()
print(loss.item())
""",
    ),
}
