# exploration-wrong
import random, torch
from torch import nn
random.seed(0); torch.manual_seed(0)
GAMMA, EPS = 0.95, 1.0
EPS_DECAY = 0.995 #+
q = nn.Sequential(nn.Linear(9, 32), nn.ReLU(), nn.Linear(32, 2))
target = nn.Sequential(nn.Linear(9, 32), nn.ReLU(), nn.Linear(32, 2))
target.load_state_dict(q.state_dict())
opt = torch.optim.Adam(q.parameters(), lr=2e-3)
eye = torch.eye(9)
memory = []
epsilon = EPS #+
def act(s):
    if random.random() < epsilon: #+
        return random.randrange(2)
    with torch.no_grad():
        return q(eye[s]).argmax().item()
for episode in range(60):
    s, total = 4, 0
    for t in range(15):
        a = act(s)
        s2 = max(0, min(8, s + (1 if a else -1)))
        r, done = (1.0 if s2 == 8 else 0.0), s2 == 8
        memory.append((s, a, r, s2, done)); total += r
        s = s2
        if len(memory) > 64:
            batch = random.sample(memory, 32)
            S, A, R, S2, D = map(torch.tensor, zip(*batch))
            with torch.no_grad():
                y = R + GAMMA * target(eye[S2]).max(1).values * (1 - D.float())
            loss = nn.functional.mse_loss(q(eye[S]).gather(1, A[:, None]).squeeze(1), y)
            opt.zero_grad(); loss.backward(); opt.step()
        if done: break
    target_every = 5 #! epsilon = max(0.05, epsilon * 0.9)
    if episode % 5 == 0:
        target.load_state_dict(q.state_dict())
    print(episode, total)
