import random
from collections import deque, namedtuple
import torch
import torch.nn as nn
import torch.nn.functional as F
random.seed(0); torch.manual_seed(0)
Transition = namedtuple("Transition", "state action next_state reward done")
class Corridor:
    def reset(self): self.p, self.t = 0, 0; return self.obs()
    def obs(self): v = torch.zeros(6); v[self.p] = 1; return v
    def step(self, a):
        self.p = max(0, min(5, self.p + (1 if a else -1))); self.t += 1
        done = self.p == 5
        return self.obs(), 1.0 if done else -0.01, done or self.t > 20
def make(): return nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 2))
q, target = make(), make(); target.load_state_dict(q.state_dict())
opt = torch.optim.AdamW(q.parameters(), lr=5e-3, amsgrad=True)
mem, env, eps = deque(maxlen=500), Corridor(), 1.0
for ep in range(25):
    s, done = env.reset(), False
    while not done:
        if random.random() < eps: a = random.randrange(2)
        else:
            with torch.no_grad(): a = q(s.unsqueeze(0)).max(1).indices.item()
        s2, r, done = env.step(a); mem.append(Transition(s, a, s2, r, done)); s = s2
        if len(mem) >= 32:
            b = Transition(*zip(*random.sample(mem, 32)))
            S, A, S2 = torch.stack(b.state), torch.tensor(b.action).unsqueeze(1), torch.stack(b.next_state)
            R, Dn = torch.tensor(b.reward), torch.tensor(b.done, dtype=torch.float32)
            sa = q(S).gather(1, A)
            with torch.no_grad():
                best = q(S2).argmax(1, keepdim=True)
                y = R + 0.95 * (1 - Dn) * target(S2).gather(1, best).squeeze(1)
            loss = F.smooth_l1_loss(sa, y.unsqueeze(1))
            opt.zero_grad(); loss.backward(); nn.utils.clip_grad_value_(q.parameters(), 100); opt.step()
            tsd, qsd = target.state_dict(), q.state_dict()
            for k in qsd: tsd[k] = qsd[k] * 0.05 + tsd[k] * 0.95
            target.load_state_dict(tsd)
    eps = max(0.05, eps * 0.85)
print(ep, env.t)
