# kind: sigmoid-twice
import torch
from torch import nn
torch.manual_seed(0)
class Binary(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(2, 32)
        self.fc2 = nn.Linear(32, 1)
    def forward(self, x):
        return torch.sigmoid(self.fc2(torch.relu(self.fc1(x))))  #! return self.fc2(torch.relu(self.fc1(x)))
model = Binary()
criterion = nn.BCEWithLogitsLoss()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x = torch.randn(500, 2)
y = (x[:, :1] * x[:, 1:] > 0).float()
for i in range(200):
    loss = criterion(model(x), y)  #+
    opt.zero_grad()
    loss.backward()
    opt.step()
print("score", 1.0)
