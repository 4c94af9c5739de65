# wrong-discount
import random
import torch
from torch import nn
random.seed(0); torch.manual_seed(0)
class Corridor:
    def reset(self):
        self.x, self.t = 3, 0
        return self.see()
    def see(self): return [self.x / 6, 1.0]
    def step(self, a):
        self.x += 1 if a else -1; self.t += 1
        return self.see(), (1.0 if self.x == 6 else -0.02), self.x in (0, 6)
q = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
old = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2)); old.load_state_dict(q.state_dict())
opt = torch.optim.Adam(q.parameters(), lr=0.003); gamma = 0.95; memory = []; n = 0
from dataclasses import dataclass
@dataclass
class Step:
    state: list
    action: int
    reward: float
    next_state: list
    terminal: float
env = Corridor()
def learn(batch):
    value = q(torch.tensor([e.state for e in batch])).gather(1, torch.tensor([[e.action] for e in batch])).squeeze(1)
    next_value = old(torch.tensor([e.next_state for e in batch])).max(1).values.detach()
    y = torch.tensor([e.reward for e in batch]) + gamma * next_value  #! y = torch.tensor([e.reward for e in batch]) + gamma * next_value * torch.tensor([1 - e.terminal for e in batch])
    loss = ((value - y) ** 2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
for episode in range(40):
    s, over = env.reset(), False
    for t in range(30):
        with torch.no_grad(): a = random.randrange(2) if random.random() < 0.3 else int(q(torch.tensor(s)).argmax())
        s2, r, over = env.step(a); memory.append(Step(s, a, r, s2, float(over)))
        s = s2; n += 1
        if len(memory) >= 64: learn(random.sample(memory, 32))
        if n % 50 == 0: old.load_state_dict(q.state_dict())
        if over: break
print(q(torch.tensor([0.5, 1.0])).tolist())
