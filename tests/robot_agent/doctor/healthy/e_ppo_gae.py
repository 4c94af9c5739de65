import numpy as np
import torch, torch.nn as nn
from torch.distributions import Normal
torch.manual_seed(0); np.random.seed(0)
class Env:
    def __init__(self, n): self.n = n
    def reset(self):
        self.x = np.random.uniform(-1, 1, (self.n, 1)).astype(np.float32); self.t = 0
        return self.x
    def step(self, a):
        self.x = self.x + 0.3 * np.clip(a, -1, 1); self.t += 1
        return self.x, -np.abs(self.x[:, 0]), self.t >= 8
class AC(nn.Module):
    def __init__(self):
        super().__init__()
        self.mu = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))
        self.v = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1))
        self.log_std = nn.Parameter(torch.zeros(1) - 0.5)
    def dist(self, s): return Normal(self.mu(s), self.log_std.exp())
env, ac = Env(16), AC()
opt = torch.optim.Adam(ac.parameters(), lr=3e-3, eps=1e-5)
for it in range(12):
    S, A, L, R, V = [], [], [], [], []
    s, done = env.reset(), False
    while not done:
        st = torch.as_tensor(s)
        with torch.no_grad():
            d = ac.dist(st); a = d.sample(); lp = d.log_prob(a).sum(-1); v = ac.v(st).squeeze(-1)
        s, r, done = env.step(a.numpy())
        S.append(st); A.append(a); L.append(lp); R.append(torch.as_tensor(r)); V.append(v)
    adv, last = [None] * len(R), torch.zeros(16)
    for t in reversed(range(len(R))):
        nxt = V[t + 1] if t + 1 < len(R) else torch.zeros(16)
        delta = R[t] + 0.95 * nxt - V[t]
        last = delta + 0.95 * 0.9 * last
        adv[t] = last
    S, A, L, adv, V = map(torch.cat, (S, A, L, adv, V))
    ret = adv + V
    for _ in range(4):
        for i in torch.randperm(len(S)).split(32):
            d = ac.dist(S[i]); lp = d.log_prob(A[i]).sum(-1)
            ad = (adv[i] - adv[i].mean()) / (adv[i].std() + 1e-8)
            ratio = (lp - L[i]).exp()
            pg = -torch.min(ratio * ad, ratio.clamp(0.8, 1.2) * ad).mean()
            vl = 0.5 * (ac.v(S[i]).squeeze(-1) - ret[i]).pow(2).mean()
            loss = pg + vl - 0.001 * d.entropy().mean()
            opt.zero_grad(); loss.backward(); nn.utils.clip_grad_norm_(ac.parameters(), 0.5); opt.step()
print(ret.mean())
