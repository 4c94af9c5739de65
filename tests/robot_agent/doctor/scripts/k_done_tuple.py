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
env = Corridor()
def learn(batch):
    s = torch.tensor([e[0] for e in batch]); a = torch.tensor([e[1] for e in batch]); r = torch.tensor([e[2] for e in batch])
    s2 = torch.tensor([e[3] for e in batch])
    value = q(s).gather(1, a[:, None]).squeeze(1)
    y = r + gamma * old(s2).max(1).values.detach()  #! y = r + gamma * old(s2).max(1).values.detach() * (1 - torch.tensor([e[4] for e in batch]))
    loss = ((value - y) ** 2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
for episode in range(40):
    s, over = env.reset(), False
    for t in range(30):
        with torch.no_grad(): a = random.randrange(2) if random.random() < 0.3 else int(q(torch.tensor(s)).argmax())
        s2, r, done = env.step(a); memory.append((s, a, r, s2, float(done))); over = done
        s = s2; n += 1
        if len(memory) >= 64: learn(random.sample(memory, 32))
        if n % 50 == 0: old.load_state_dict(q.state_dict())
        if over: break
print(q(torch.tensor([0.5, 1.0])).tolist())
