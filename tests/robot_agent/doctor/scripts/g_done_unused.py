# the target goes on over the end of an episode; kind: wrong-discount
import torch, random
from torch import nn
torch.manual_seed(0); random.seed(0)
q = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 2)); tq = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 2)); tq.load_state_dict(q.state_dict())
opt = torch.optim.Adam(q.parameters(), 0.005); memory = []
def step(s, a):
    s2 = max(0, min(4, s + (1 if a else -1))); return s2, float(s2 == 4), s2 == 4
eye = torch.eye(5)
def learn(gamma=0.99):
    batch = random.sample(memory, 32)
    states, actions, rewards, next_states, dones = zip(*batch)
    s = torch.stack(states); s2 = torch.stack(next_states); a = torch.tensor(actions)[:, None]; r = torch.tensor(rewards)
    with torch.no_grad():
        target = r + gamma * tq(s2).max(1).values  #! target = r + gamma * tq(s2).max(1).values * (1 - torch.tensor(dones).float())
    loss = nn.functional.mse_loss(q(s).gather(1, a).squeeze(1), target)
    opt.zero_grad(); loss.backward(); opt.step()
for ep in range(60):
    s = 0
    for t in range(20):
        a = random.randint(0, 1); s2, r, done = step(s, a)
        memory.append((eye[s], a, r, eye[s2], done)); s = s2
        if len(memory) > 64: learn()
        if done: break
    if ep % 10 == 0: tq.load_state_dict(q.state_dict())
