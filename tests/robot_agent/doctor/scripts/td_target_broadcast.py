# kind: broadcast
import random
import torch
from torch import nn
from collections import deque
torch.manual_seed(0); random.seed(0)
q = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
target_q = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
target_q.load_state_dict(q.state_dict())
opt = torch.optim.Adam(q.parameters(), 3e-3)
memory = deque(maxlen=2000)
def env_step(s, a):
    s2 = (s + torch.tensor([0.1 if a else -0.1, 0.0])).clamp(-1, 1)
    return s2, 1.0 - abs(float(s2[0]) - 0.5), False
s = torch.zeros(2)
for t in range(400):
    a = random.randrange(2) if random.random() < 0.3 else int(q(s).argmax())
    s2, r, done = env_step(s, a)
    memory.append((s, a, r, s2))
    s = s2 if t % 25 else torch.rand(2) * 2 - 1
    if len(memory) >= 64:
        batch = random.sample(memory, 32)
        S = torch.stack([b[0] for b in batch]); A = torch.tensor([[b[1]] for b in batch])
        R = torch.tensor([b[2] for b in batch]); S2 = torch.stack([b[3] for b in batch])
        with torch.no_grad():
            target = R + 0.9 * target_q(S2).max(1)[0]  #+
        pred = q(S).gather(1, A)  #! pred = q(S).gather(1, A).squeeze(1)
        loss = nn.functional.smooth_l1_loss(pred, target)  #+
        opt.zero_grad(); loss.backward(); opt.step()
    if t % 50 == 0:
        target_q.load_state_dict(q.state_dict())
