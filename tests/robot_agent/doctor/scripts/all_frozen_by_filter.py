# kind: all-frozen
import torch
from torch import nn
torch.manual_seed(0)
class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(16, 32), nn.ReLU())
        self.fc = nn.Linear(32, 5)
    def forward(self, x):
        return self.fc(self.body(x))
def set_parameter_requires_grad(model, feature_extracting):
    if feature_extracting:
        for param in model.parameters():  #! for param in model.body.parameters():
            param.requires_grad = False  #+
model = Backbone()
set_parameter_requires_grad(model, True)  #+
opt = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
x = torch.randn(100, 16); y = torch.randint(0, 5, (100,))
for epoch in range(3):
    out = model(x)
    loss = nn.CrossEntropyLoss()(out, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
