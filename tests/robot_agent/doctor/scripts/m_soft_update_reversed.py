# target-not-updated
import random
import torch
import torch.nn as nn
import torch.optim as optim
random.seed(1); torch.manual_seed(1)

def soft_update(local_model, target_model, tau):
    """target = tau*local + (1 - tau)*target"""
    for target_param, local_param in zip(target_model.parameters(), local_model.parameters()):
        local_param.data.copy_(tau * local_param.data + (1.0 - tau) * target_param.data)  #! target_param.data.copy_(tau * local_param.data + (1.0 - tau) * target_param.data)

class QNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 32); self.fc2 = nn.Linear(32, 2)
    def forward(self, s):
        return self.fc2(torch.relu(self.fc1(s)))

local, target = QNet(), QNet()
target.load_state_dict(local.state_dict())
opt = optim.Adam(local.parameters(), lr=5e-3)
memory, eps = [], 1.0
for ep in range(60):
    x = 3
    for t in range(25):
        s = [x / 6.0, 1.0]
        if random.random() < eps:
            a = random.randint(0, 1)
        else:
            with torch.no_grad():
                a = local(torch.tensor([s])).argmax(1).item()
        x += 1 if a == 1 else -1
        done = x in (0, 6)
        r = 1.0 if x == 6 else (-1.0 if x == 0 else 0.0)
        memory.append((s, a, r, [x / 6.0, 1.0], float(done)))
        if len(memory) > 64:
            states, actions, rewards, nexts, dones = map(list, zip(*random.sample(memory, 32)))
            states, nexts = torch.tensor(states), torch.tensor(nexts)
            actions = torch.tensor(actions).unsqueeze(1)
            rewards, dones = torch.tensor(rewards).unsqueeze(1), torch.tensor(dones).unsqueeze(1)
            q_next = target(nexts).detach().max(1)[0].unsqueeze(1)
            q_target = rewards + 0.95 * q_next * (1 - dones)
            q_expected = local(states).gather(1, actions)
            loss = nn.functional.mse_loss(q_expected, q_target)
            opt.zero_grad(); loss.backward(); opt.step()
            soft_update(local, target, 1e-2)
        if done:
            break
    eps = max(0.1, eps * 0.96)
with torch.no_grad():
    print(local(torch.tensor([[0.5, 1.0]])))
