import random, collections
import numpy as np, torch
from torch import nn
random.seed(0); np.random.seed(0); torch.manual_seed(0)
class Chain:
    def reset(self): self.p = 2; self.t = 0; return self.o()
    def o(self): v = np.zeros(6, np.float32); v[self.p] = 1; return v
    def step(self, a):
        self.p = min(5, self.p + 1) if a else max(0, self.p - 1); self.t += 1
        done = self.p in (0, 5) or self.t > 20
        return self.o(), float(self.p == 5), done, {}
class DQNAgent:
    def __init__(self):
        self.q = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 2)); self.tq = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 2))
        self.tq.load_state_dict(self.q.state_dict()); self.tq.eval()
        self.opt = torch.optim.Adam(self.q.parameters(), lr=2e-3); self.buf = collections.deque(maxlen=1000); self.eps = 1.0
    def act(self, s):
        if random.random() < self.eps: return random.randrange(2)
        with torch.no_grad(): return int(self.q(torch.from_numpy(s)).argmax())
    def learn(self):
        if len(self.buf) < 64: return
        s, a, r, s2, d = zip(*random.sample(self.buf, 32))
        s, s2 = torch.tensor(np.array(s)), torch.tensor(np.array(s2)); a = torch.tensor(a).unsqueeze(1); r = torch.tensor(r).unsqueeze(1); d = torch.tensor(d, dtype=torch.float32).unsqueeze(1)
        target = r + 0.9 * self.tq(s2).detach().max(1, keepdim=True)[0] * (1 - d)
        loss = nn.SmoothL1Loss()(self.q(s).gather(1, a), target)
        self.opt.zero_grad(); loss.backward()
        for p in self.q.parameters(): p.grad.data.clamp_(-1, 1)
        self.opt.step(); self.eps = max(0.1, self.eps * 0.995)
env, agent = Chain(), DQNAgent()
for ep in range(40):
    s, done = env.reset(), False
    while not done:
        a = agent.act(s); s2, r, done, _ = env.step(a); agent.buf.append((s, a, r, s2, done)); s = s2; agent.learn()
    if ep % 5 == 0: agent.tq.load_state_dict(agent.q.state_dict())
