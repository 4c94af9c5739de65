# kind: constant-target
import torch
import torch.nn as nn
torch.manual_seed(2)
class Controller(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(1, 16)
        self.l2 = nn.Linear(16, 1)
    def forward(self, temperature):
        return self.l2(torch.relu(self.l1(temperature)))
ctrl = Controller()
criterion = nn.SmoothL1Loss()
opt = torch.optim.SGD(ctrl.parameters(), lr=0.05)
for step in range(300):
    temperature = torch.rand(16, 1) * 2 - 1
    heating = ctrl(temperature)
    after = temperature + heating
    loss = criterion(heating, torch.full((16, 1), 0.7))  #! loss = criterion(after, torch.full((16, 1), 0.7))
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1 - (after - 0.7).pow(2).mean().item())
